"""See what waits in the queues and for the channels of a deployment, and send it on its way again.

```console
$ pql queue status
$ pql queue redrive events --dry-run
$ pql queue redrive
$ pql queue clear stream-failures
```

`redrive` gives dead letters back to the queue they came from, and lets leads that are parked, or wait for a
channel that rests, be tried now. Events received more than 28 days ago stay where they are: the ids that
say whether they were counted may be gone. `clear` deletes what nobody needs: where leads stood in the stream
that could not announce them, once they are announced.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pql.cli.clock import now_ms
from pql.cli.mailboxes import QUEUES, depths_of, mailbox
from pql.cli.plain_json import plain_json
from pql.cli.refused import Mistyped
from pql.cli.rules.places import declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.core.plain_words import ago, counted, iso

if TYPE_CHECKING:
    from pql.flows.mailbox import Depth, Mailbox, Parked

HELP = "see what waits in the queues, and send it on its way again"
ROUTES = {
    "events": ("EventsDeadLetters", "EventsQueue"),
    "slack": ("SlackDeadLetters", "SlackQueue"),
    "webhook": ("WebhookDeadLetters", "WebhookQueue"),
}
# What may be deleted: messages without content of their own.
CLEARED = {"stream-failures": "NotifyFailures"}
CHANNEL_QUEUES = {"slack": "SlackQueue", "webhook": "WebhookQueue"}


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    status = verbs.add_parser("status", help="show how full each queue is, and what waits for each channel")
    declare_json(status)
    status.set_defaults(run_verb=_status)
    again = verbs.add_parser("redrive", help="send dead letters back, and try parked leads now")
    again.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help=f"{', '.join(ROUTES)}: dead letters; parked: leads that wait for a channel (default: all)",
    )
    again.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    again.set_defaults(run_verb=_redrive)
    clear = verbs.add_parser("clear", help="delete what nobody needs any more")
    clear.add_argument("what", choices=CLEARED, metavar="WHAT", help=", ".join(CLEARED))
    clear.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    clear.set_defaults(run_verb=_clear)
    for one in (status, again, clear):
        declare_stack(one)


def run(chosen: argparse.Namespace) -> int:
    """Run one verb; return 0, 1 if something failed or stayed where it was, or 2 if mistyped."""
    code: int = chosen.run_verb(Deployment(chosen), chosen)
    return code


def _status(deployment: Deployment, chosen: argparse.Namespace) -> int:
    depths = depths_of(deployment)
    waiting = _backlog(deployment).every()
    now = now_ms()
    if chosen.json:
        print(plain_json(_document(depths, waiting)))
        return 0
    print(f"{'QUEUE':<22} {'WAITING':>8} {'AT WORK':>8} {'LATER':>6}")
    for name, depth in depths.items():
        _, remedy = QUEUES[name]
        hint = f"  {remedy}" if remedy and depth.waiting else ""
        print(f"{name:<22} {depth.waiting:>8} {depth.in_flight:>8} {depth.delayed:>6}{hint}")
    for line in _channels(waiting, now):
        print(line)
    return 0


def _channels(waiting: Any, now: int) -> Iterator[str]:
    if not waiting:
        yield "no lead waits for a channel"
        return
    found: dict[str, list[Any]] = {}
    for channel, one in waiting:
        found.setdefault(channel, []).append(one)
    yield ""
    yield f"{'CHANNEL':<22} {'WAITING':>8} {'PARKED':>8}  OLDEST      WHY"
    for channel, ones in sorted(found.items()):
        parked = sum(one.parked for one in ones)
        codes = ", ".join(f"{code} {number}" for code, number in Counter(one.code for one in ones).items())
        oldest = ago(min(one.created for one in ones), now)
        yield f"{channel:<22} {len(ones) - parked:>8} {parked:>8}  {oldest:<10}  {codes}"
    yield "try them now: pql queue redrive parked"


def _document(depths: Mapping[str, Depth], waiting: Any) -> dict[str, Any]:
    return {
        "queues": {name: depth._asdict() for name, depth in depths.items()},
        "deliveries": [
            {
                "channel": channel,
                "subject_key": one.key.subject,
                "rule": one.key.rule,
                "cycle": one.key.cycle,
                "created": iso(one.created),
                "code": one.code,
                "parked": one.parked,
            }
            for channel, one in waiting
        ],
    }


def _redrive(deployment: Deployment, chosen: argparse.Namespace) -> int:
    from pql.rules.nearest import unknown  # noqa: PLC0415

    legal = [*ROUTES, "parked"]
    for name in chosen.what:
        if name not in legal:
            raise Mistyped(unknown("queue", name, legal))
    wanted = chosen.what or [name for name in legal if name == "parked" or deployment.get(ROUTES[name][0])]
    stayed = 0
    for name in wanted:
        if name == "parked":
            _retried(deployment, dry=chosen.dry_run)
        else:
            stayed += _redriven(deployment, name, dry=chosen.dry_run)
    return 1 if stayed else 0


def _clear(deployment: Deployment, chosen: argparse.Namespace) -> int:
    from pql.adapters.diagnosis import unpublished  # noqa: PLC0415
    from pql.flows.redrive import clear  # noqa: PLC0415

    # Asked before anything is received: a message that comes later is about leads of which this knows.
    waits = unpublished(deployment.client("dynamodb"), deployment.table)
    if waits is not None:
        said = f"a lead made {ago(waits, now_ms())} is not announced yet; sweep does that, then type it again"
        print(f"pql queue clear: {said}", file=sys.stderr)
        return 1
    found = clear(mailbox(deployment, CLEARED[chosen.what]), dry=chosen.dry_run)
    verb = "would be deleted" if chosen.dry_run else "deleted"
    print(f"{chosen.what}: {counted(found, 'message')} {verb}")
    return 0


def _redriven(deployment: Deployment, name: str, *, dry: bool) -> int:
    from pql.flows.redrive import of_events, of_leads, redrive  # noqa: PLC0415

    dead, source = (mailbox(deployment, queue) for queue in ROUTES[name])
    judge = of_events if name == "events" else of_leads
    found = redrive(dead, source, judge, now_ms(), dry=dry)
    verb = "would go back" if dry else "went back"
    print(f"{name}: {counted(found.moved, 'message')} {verb} to the queue")
    for why, number in Counter(one.why for one in found.refused).items():
        print(f"{name}: {counted(number, 'message')} stayed: {why}", file=sys.stderr)
    return len(found.refused)


def _retried(deployment: Deployment, *, dry: bool) -> None:
    from pql.adapters.dynamo_outbox import DynamoOutbox  # noqa: PLC0415
    from pql.flows.redrive import retry  # noqa: PLC0415

    def queue(kind: str) -> Mailbox | None:
        named = CHANNEL_QUEUES.get(kind)
        return mailbox(deployment, named) if named and deployment.get(named) else None

    outbox = DynamoOutbox(deployment.client("dynamodb"), deployment.table)
    found = retry(_backlog(deployment), outbox, queue, dry=dry)
    verb = "would be tried" if dry else "is tried" if found.sent == 1 else "are tried"
    print(f"parked: {counted(found.sent, 'lead')} {verb} now")
    if found.settled:
        print(f"parked: {counted(found.settled, 'lead')} had been delivered, or are gone")


def _backlog(deployment: Deployment) -> Parked:
    from pql.adapters.dynamo_backlog import DynamoBacklog  # noqa: PLC0415

    return DynamoBacklog(deployment.client("dynamodb"), deployment.table, time.time)
