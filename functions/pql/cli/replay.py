"""Count events again that were set aside, or that the archive holds, and announce nothing by it.

```console
$ pql replay quarantine
$ pql replay archive --from 2026-11-20
$ pql replay archive --rebuild --table pql-rebuilt
```

Repeats count nothing. Events received more than 28 days ago are refused, for the ids that say whether they
were counted may be gone; `--rebuild` counts everything into an empty table. Leads that this makes stand as
published, so that nobody announces them, unless you say `--announce`.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.day import declare_days, need_order
from pql.cli.lateness import declare_lateness, lateness
from pql.cli.refused import Mistyped
from pql.cli.rules.deployed import need_deployed
from pql.cli.rules.places import SHIPPED, directory
from pql.cli.stack import Deployment, declare_stack
from pql.core.dedup import KEEP_DAYS
from pql.core.errors import PqlError
from pql.core.plain_words import counted

if TYPE_CHECKING:
    from pql.flows.replay import Replayed
    from pql.rules.pack import Pack

HELP = "count events of the quarantine or the archive again"
RESTORED = "into a table such as one restored to a moment before them"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    sources = parser.add_subparsers(dest="source", required=True, metavar="source")
    quarantine = sources.add_parser(
        "quarantine", help="count messages that could not be read and can be by now"
    )
    archive = sources.add_parser("archive", help="count accepted events again, by the day of their receipt")
    declare_days(archive)
    archive.add_argument("--rebuild", action="store_true", help="count everything into an empty --table")
    for one in (quarantine, archive):
        one.add_argument("--announce", action="store_true", help="announce the leads that this makes")
        one.add_argument(
            "--rules",
            type=directory,
            default=SHIPPED,
            metavar="DIR",
            help="the deployed rules (default: shipped)",
        )
        one.add_argument(
            "--undeployed", action="store_true", help=f"count by rules that were never deployed {RESTORED}"
        )
        declare_lateness(one, "as deployed")
        declare_stack(one)


def run(chosen: argparse.Namespace) -> int:
    """Replay; return 0, 1 if something failed or was refused, or 2 for what was typed wrong."""
    from pql.adapters.outages import NoSuchTable  # noqa: PLC0415 - botocore takes a second
    from pql.rules.load import load  # noqa: PLC0415

    need_order(getattr(chosen, "first", None), getattr(chosen, "last", None))
    if getattr(chosen, "rebuild", False) and not chosen.table:
        raise Mistyped("--rebuild needs --table, a new and empty one")
    try:
        pack = load(chosen.rules)
        return _replay(Deployment(chosen), chosen, pack)
    except NoSuchTable as error:
        said = f"there is no table `{chosen.table}`" if chosen.table else str(error)
        raise PqlError(f"{said}; docs/operations.md says how an empty one is made") from error


def _replay(deployment: Deployment, chosen: argparse.Namespace, pack: Pack) -> int:
    from pql.adapters.dynamo_leads import DynamoLeads  # noqa: PLC0415
    from pql.adapters.dynamo_overrides import DynamoOverrides  # noqa: PLC0415
    from pql.adapters.dynamo_rebuild import Rebuild  # noqa: PLC0415
    from pql.adapters.dynamo_store import DynamoStore  # noqa: PLC0415
    from pql.adapters.memory_archive import MemoryQuarantine  # noqa: PLC0415
    from pql.adapters.s3_archive import S3Archive  # noqa: PLC0415
    from pql.adapters.s3_log import S3Log  # noqa: PLC0415
    from pql.adapters.sqs_mailbox import SqsMailbox  # noqa: PLC0415
    from pql.core.window import DAY  # noqa: PLC0415
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.flows.convert import Converter  # noqa: PLC0415
    from pql.flows.count import Counter  # noqa: PLC0415
    from pql.flows.overrides import Shadowing  # noqa: PLC0415
    from pql.flows.process import Processor  # noqa: PLC0415
    from pql.flows.replay import Nowhere, Replay  # noqa: PLC0415
    from pql.flows.wake import Waker  # noqa: PLC0415

    now = now_ms()
    table, client, bucket = deployment.table, deployment.client("dynamodb"), deployment["Archive"]
    store = DynamoStore(client, table, time.sleep, published=None if chosen.announce else now)
    plan = Plan(pack)
    rebuilds = getattr(chosen, "rebuild", False)
    if not rebuilds and not chosen.undeployed:
        need_deployed(store, plan, chosen, table, instead=f"; --undeployed counts by them {RESTORED}")
    shadowing = Shadowing(DynamoOverrides(client, table, time.sleep), plan)
    of_archive = chosen.source == "archive"
    processor = Processor(
        store,
        Counter(store, plan, KEEP_DAYS, time.sleep),
        Nowhere() if of_archive else S3Archive(deployment.client("s3"), bucket),
        MemoryQuarantine(),
        horizon=lateness(chosen, deployment) * DAY,
        pause=time.sleep,
        converter=Converter(DynamoLeads(client, table), pack.conversions),
    )
    replay = Replay(processor, now, time.sleep, lambda: shadowing.refresh(now_ms()))
    if not of_archive:
        return _told(replay.quarantine(SqsMailbox(deployment.client("sqs"), deployment["Quarantine"])), table)
    log = S3Log(deployment.client("s3"), bucket)
    first, last = chosen.first or "", chosen.last or ""
    if not rebuilds:
        return _told(replay.archive(log, first, last), table)
    rebuild = Rebuild(client, table)
    rebuild.begin(now)
    found = replay.archive(log, first, last, rebuild=True)
    replay.wake(Waker(store, plan), found)
    rebuild.end()
    return _told(found, table)


def _told(found: Replayed, table: str) -> int:
    counts = found.outcome.counts
    print(f"{counted(found.events, 'event')} replayed into {table}")
    print(f"{counted(counts['EventsCounted'], 'event')} counted, {counts['EventsRepeated']} had been before")
    if counts["EventsLate"]:
        print(f"{counted(counts['EventsLate'], 'event')} came too late to be counted")
    print(f"{counted(counts['LeadsCreated'], 'lead')} made")
    if found.letters:
        print(f"{counted(found.letters, 'message')} left the quarantine")
    for day, number in sorted(found.days.items()):
        print(f"refused: {counted(number, 'event')} of {day}, more than 28 days ago", file=sys.stderr)
    for one in found.refused:
        print(f"stayed: {one.letter}: {one.why}", file=sys.stderr)
    return 1 if found.days or found.refused else 0
