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
import shlex
import time
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.erase_receipt import document, text
from pql.cli.mailboxes import mailbox
from pql.cli.plain_json import plain_json
from pql.cli.refused import sorry
from pql.cli.rules.places import declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.cli.subject import KINDS, SHOWN_BY
from pql.core.dedup import KEEP_DAYS
from pql.core.errors import PqlError

if TYPE_CHECKING:
    from pql.core.erasure import Whom
    from pql.flows.erase.items import Withdraw

HELP = "erase a person or an account, and print a receipt"
# Queues that wait for somebody to look at them, by what is in their messages; the others are read in moments.
EVENTS = ("EventsDeadLetters", "Quarantine")
LEADS = ("SlackDeadLetters", "WebhookDeadLetters")
AT_WORK = ("EventsQueue", "SlackQueue", "WebhookQueue")
_A = {"account": "an account", "user": "a user", "anonymous": "an anonymous person"}


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
    """Erase; return 0, or 1 if something failed, could not be looked into, or is not there."""
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
    found = document(whom, receipt, waiting, written=chosen.yes, archive=not chosen.no_archive)
    print(plain_json(found) if chosen.json else "\n".join(text(found)))
    if receipt.unread or waiting:
        return 1
    is_known = any(receipt.erased.values()) or receipt.days or receipt.keeps or receipt.pointing
    if is_known or chosen.no_archive:
        return 0
    kind, named = _asked(chosen)
    return sorry(chosen, f"nothing is stored of {kind} {named}; {_other(deployment, kind, named)}")


def _other(deployment: Deployment, kind: str, named: str) -> str:
    """Return who else has the id of whom nothing is stored, or else where ids are to be seen."""
    from pql.adapters.dynamo_account import kept  # noqa: PLC0415
    from pql.core.keys import as_person  # noqa: PLC0415

    client, table = deployment.client("dynamodb"), deployment.table
    for other in KINDS:
        key = _key(other, named)
        places = [key] if other == "account" else [key, as_person(key)]
        found = [] if other == kind else [kept(client, table, one) for one in places]
        if any(one.row or one.member or one.buckets or one.leads for one in found):
            whose = [f"--{other}={named}"] if named.startswith("-") else [f"--{other}", named]
            return f"there is {_A[other]} of that id: {shlex.join(['pql', 'erase', *whose])}"
    return SHOWN_BY


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

    kind, named = _asked(chosen)
    keys = frozenset({_key(kind, named)})
    return Whom(accounts=keys) if kind == "account" else Whom(keys, words=frozenset({named}))


def _asked(chosen: argparse.Namespace) -> tuple[str, str]:
    """Return of which kind whoever is to be erased is, and the id."""
    return next((kind, named) for kind in KINDS if (named := getattr(chosen, kind)) is not None)


def _key(kind: str, named: str) -> str:
    from pql.core.keys import account_key, anonymous_key, user_key  # noqa: PLC0415

    return {"account": account_key, "user": user_key, "anonymous": anonymous_key}[kind](named)


def _id(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("expected an id: nobody has an empty one")
    return text
