"""Say what leads were worth, by rule and month: conversions against the base rate, growth, and who answers.

The leads are those of the table: a query of its index, and each lead; nothing is scanned. EVENTS tell the
base rate: how many of all accounts convert. With EVENTS and no `--table` the leads are those that the rules
would have made of the events.

```console
$ pql metrics
$ pql metrics archive --within 90d --from 2026-08-01
$ pql metrics events.jsonl.gz --rules functions/rules --json
```
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING

import msgspec

from pql.cli.past import converting, courses, declare_jobs, declare_past
from pql.cli.rules.check import refuse
from pql.cli.rules.places import SHIPPED, rule_files
from pql.cli.sources import WHAT, look_over
from pql.cli.stack import Deployment, declare_stack
from pql.cli.targets import STDOUT
from pql.core.errors import PqlError
from pql.core.plain_words import DAY, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pql.backtest.course import Course
    from pql.backtest.figures.wilson import Share
    from pql.flows.metrics import Metrics
    from pql.rules.pack import Pack

HELP = "say what leads were worth, by rule and month"
FOREVER = 253_402_300_800_000  # the year 10000


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("events", nargs="*", metavar="EVENTS", help=WHAT)
    declare_stack(parser)
    parser.add_argument(
        "--rules", type=rule_files, default=SHIPPED, metavar="DIR", help="rule files (default: shipped)"
    )
    declare_past(parser)
    declare_jobs(parser)
    parser.add_argument("--from", dest="begin", type=_day, metavar="DAY", help="leads made since then")
    parser.add_argument("--to", dest="end", type=_day, metavar="DAY", help="the last day")
    parser.add_argument("--json", nargs="?", const=STDOUT, help="print JSON, for other programs")


def run(chosen: argparse.Namespace) -> int:
    """Tell; return 0, or 1 with a word on standard error if that is not possible."""
    from pql.cli.metrics.text import text  # noqa: PLC0415
    from pql.rules.faults import RulesRejected  # noqa: PLC0415

    if chosen.json not in (None, STDOUT):
        # What comes behind a bare `--json` are events: were it a file, it would be written over them.
        chosen.events = [chosen.json, *chosen.events]
    try:
        found = _metrics(chosen)
    except RulesRejected as rejected:
        refuse(rejected.faults, as_json=bool(chosen.json))
        return 1
    except PqlError as error:
        print(f"pql metrics: {error}", file=sys.stderr)
        return 1
    print(_document(found) if chosen.json else "\n".join(text(found)))
    return 0


def _metrics(chosen: argparse.Namespace) -> Metrics:
    from pql.flows.metrics import metrics, read, rehearsed  # noqa: PLC0415

    pack, course = _course(chosen) if chosen.events else (None, None)
    begin, end = chosen.begin, FOREVER if chosen.end is None else chosen.end + DAY
    if not chosen.table and pack is not None and course is not None:
        return rehearsed(course, begin, end, within=chosen.within, announced=pack.announced)
    from pql.adapters.dynamo_leads import DynamoLeads  # noqa: PLC0415

    deployment = Deployment(chosen)
    leads = DynamoLeads(deployment.client("dynamodb"), deployment.table)
    records = [*read(leads, begin or 0, end)]
    bases = {} if course is None else _bases(course, chosen)
    return metrics(records, min(_now(), end), first=begin, within=chosen.within, bases=bases)


def _course(chosen: argparse.Namespace) -> tuple[Pack, Course]:
    from pql.rules.load import load  # noqa: PLC0415

    pack = load(chosen.rules)
    look_over(chosen.events, "pql metrics", chosen.conversions)
    (course,) = courses([pack], chosen, converting(chosen, pack), "pql metrics")
    if not course.counted:
        raise PqlError(f"no event came that counts: {', '.join(chosen.events)}")
    return pack, course


def _bases(course: Course, chosen: argparse.Namespace) -> Mapping[str, Share]:
    from pql.backtest.figures.figures import figures  # noqa: PLC0415

    return {about: one.rate for about, one in figures(course, chosen.within).bases.items()}


def _document(found: Metrics) -> str:
    """Return it as JSON, for other programs; fields may be added, none is renamed."""
    told = msgspec.to_builtins(found)
    told["first"] = None if found.first is None else iso(found.first)
    told["until"] = iso(found.until)
    return json.dumps(told, indent=2, ensure_ascii=False)


def _day(text: str) -> int:
    from pql.core.times import moment  # noqa: PLC0415

    found = moment(text)
    if found is None or found < 0 or found % DAY:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-20")
    return found


def _now() -> int:
    return time.time_ns() // 1_000_000
