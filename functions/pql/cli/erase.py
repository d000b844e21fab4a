"""Erase a person, a device or an account from everything that is stored, and print a receipt.

```console
$ pql erase --user ada
$ pql erase --user ada --yes
$ pql erase --account acme --yes --json > receipt.json
```

Without `--yes` it only says what it would erase. It reads the whole table and the whole archive. It may be
stopped and started again: it does the rest.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pql.cli.clock import now_ms
from pql.cli.mailboxes import mailbox
from pql.cli.plain_json import plain_json
from pql.cli.rules.places import declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.core.clean_text import cleaned
from pql.core.dedup import KEEP_DAYS
from pql.core.errors import PqlError
from pql.core.plain_words import counted, iso
from pql.core.window import DAY

if TYPE_CHECKING:
    from pql.core.erasure import Whom
    from pql.flows.erase.items import Withdraw
    from pql.flows.holdings import Receipt

HELP = "erase a person or an account, and print a receipt"
# Queues that wait for somebody to look at them, by what is in their messages; the others are read in moments.
EVENTS = ("EventsDeadLetters", "Quarantine")
LEADS = ("SlackDeadLetters", "WebhookDeadLetters")
AT_WORK = ("EventsQueue", "SlackQueue", "WebhookQueue")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--user", type=_id, metavar="ID", help="this user, and the devices that became them")
    whom.add_argument("--anonymous", type=_id, metavar="ID", help="this anonymous id")
    whom.add_argument("--account", type=_id, metavar="ID", help="this account; its users stay")
    parser.add_argument("--yes", action="store_true", help="erase; without it, only say what")
    parser.add_argument("--no-archive", action="store_true", help="leave the archive as it is")
    declare_json(parser)
    declare_stack(parser)


def run(chosen: argparse.Namespace) -> int:
    """Erase; return 0, or 1 if something failed or could not be looked into."""
    try:
        return _erase(Deployment(chosen), chosen)
    except PqlError as error:
        if not chosen.yes:
            raise
        raise PqlError(f"{error}; the next run does the rest") from error


def _erase(deployment: Deployment, chosen: argparse.Namespace) -> int:
    from pql.adapters.dynamo_backlog import DynamoBacklog  # noqa: PLC0415
    from pql.adapters.dynamo_holdings import DynamoHoldings  # noqa: PLC0415
    from pql.adapters.s3_log import S3Log  # noqa: PLC0415
    from pql.flows.erase import Erasure  # noqa: PLC0415

    client, table = deployment.client("dynamodb"), deployment.table
    erasure = Erasure(
        DynamoHoldings(client, table, time.sleep),
        _whom(chosen),
        now_ms(),
        KEEP_DAYS,
        write=chosen.yes,
        pause=time.sleep,
        withdraw=_withdrawal(deployment),
    )
    receipt, whom = erasure.table(DynamoBacklog(client, table, time.time))
    for queue in EVENTS:
        erasure.events(mailbox(deployment, queue), f"events in {queue}", whom, receipt)
    for queue in filter(deployment.get, LEADS):
        erasure.leads(mailbox(deployment, queue), f"leads in {queue}", whom, receipt)
    if not chosen.no_archive:
        erasure.archive(S3Log(deployment.client("s3"), deployment["Archive"]), whom, receipt)
    erasure.finish(whom, receipt)
    waiting = sum(sum(mailbox(deployment, queue).depth()) for queue in filter(deployment.get, AT_WORK))
    found = _document(chosen, whom, receipt, waiting)
    print(plain_json(found) if chosen.json else "\n".join(_text(found)))
    return 1 if receipt.unread or waiting else 0


def _withdrawal(deployment: Deployment) -> Withdraw:
    """Return what takes cards out of Slack, where a bot has posted them."""
    import urllib3  # noqa: PLC0415

    from pql.adapters.secrets import SecretsManagerSecrets  # noqa: PLC0415
    from pql.adapters.slack_hosts import hosts_from  # noqa: PLC0415
    from pql.adapters.slack_secret import chats_from  # noqa: PLC0415
    from pql.adapters.slack_withdrawal import SlackWithdrawal  # noqa: PLC0415
    from pql.flows.card import checked_link  # noqa: PLC0415
    from pql.handlers.slack import HOSTS  # noqa: PLC0415

    secrets = SecretsManagerSecrets(deployment.client("secretsmanager"), optional=True)
    hosts = hosts_from(deployment.parameter("SlackHosts") or HOSTS)
    link = checked_link(deployment.parameter("AccountLink") or "")
    try:
        chats = chats_from(secrets.values(deployment["SlackSecret"]), hosts, urllib3.PoolManager())
    except PqlError:
        chats = None  # the receipt says that nothing was taken out
    return SlackWithdrawal(chats, link)


def _whom(chosen: argparse.Namespace) -> Whom:
    from pql.core.erasure import Whom  # noqa: PLC0415
    from pql.core.keys import account_key, anonymous_key, user_key  # noqa: PLC0415

    if chosen.account is not None:
        return Whom(accounts=frozenset({account_key(chosen.account)}))
    named = chosen.user if chosen.user is not None else chosen.anonymous
    key = user_key(named) if chosen.user is not None else anonymous_key(named)
    return Whom(keys=frozenset({key}), words=frozenset({named}))


def _document(chosen: argparse.Namespace, whom: Whom, receipt: Receipt, waiting: int) -> dict[str, Any]:
    until = iso(receipt.until * 1000)
    ids = {
        "what": "ids of counted events (hashes), under the erased keys",
        "why": "a copy still on its way must not count again",
        "until": until,
    }
    kept = [
        *([ids] if receipt.keeps else []),
        {"what": "how often an account did something", "why": "it names nobody", "until": None},
        {
            "what": "backups of the table",
            "why": "point-in-time recovery",
            "until": iso(receipt.at + 35 * DAY),
        },
    ]
    if receipt.pointing:
        kept.append(
            {
                "what": f"in {counted(receipt.pointing, 'member')} of others,"
                " where these were counted before",
                "why": "copies of their events are looked up there; erase again after that",
                "until": until,
            }
        )
    if chosen.no_archive:
        kept.append({"what": "the archive", "why": "--no-archive", "until": None})
    return {
        "erased_at": iso(receipt.at),
        "written": chosen.yes,
        "subjects": sorted(whom.subjects),
        "erased": {name: number for name, number in sorted(receipt.erased.items()) if number},
        "archive_lines_by_day": dict(sorted(receipt.days.items())),
        "leads_told_elsewhere": receipt.told,
        "kept": kept,
        "not_looked_into": receipt.unread,
        "messages_on_their_way": waiting,
    }


def _text(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'erased' if found['written'] else 'would erase'} {', '.join(found['subjects'])}"
    for name, number in found["erased"].items():
        yield f"  {number:>6}  {name}"
    for day, number in found["archive_lines_by_day"].items():
        yield f"  {number:>6}  lines of the archive, {day}"
    if not found["erased"] and not found["archive_lines_by_day"]:
        yield "  nothing is stored of them"
    for one in found["leads_told_elsewhere"]:
        left = [channel for channel in one["channels"] if channel not in one["withdrawn"]]
        where, lead = ", ".join([*left, "subscribers of the topic"]), cleaned(one["lead"])
        if one["withdrawn"]:
            yield f"  taken out of {', '.join(one['withdrawn'])}: {lead}"
        yield f"  told: {lead} ({one['lead_id']}) to {where}; delete it there"
    for one in found["kept"]:
        ends = f", until {one['until']}" if one["until"] else ""
        yield f"  kept: {one['what']}: {one['why']}{ends}"
    for one in found["not_looked_into"]:
        yield f"  not looked into: {one}"
    if waiting := found["messages_on_their_way"]:
        yield f"  on their way: {counted(waiting, 'message')}; run this again after that"
    if not found["written"]:
        yield "nothing is written yet: add --yes"


def _id(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("expected an id: nobody has an empty one")
    return text
