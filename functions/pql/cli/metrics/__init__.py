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
import sys
from typing import TYPE_CHECKING

import msgspec

from pql.cli.clock import now_ms
from pql.cli.day import midnight, need_order
from pql.cli.past import converting, courses, declare_jobs, declare_past
from pql.cli.plain_json import plain_json
from pql.cli.rules.places import SHIPPED, declare_json, rule_files
from pql.cli.sources import WHAT, look_over
from pql.cli.stack import Deployment, declare_stack
from pql.core.plain_words import counted, iso
from pql.core.times import LAST
from pql.core.window import DAY

if TYPE_CHECKING:
    from pql.backtest.course import Course
    from pql.core.keys import LeadKey
    from pql.flows.metrics import Metrics
    from pql.rules.pack import Pack

HELP = "say what leads were worth, by rule and month"
FOREVER = LAST + 1


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("events", nargs="*", metavar="EVENTS", help=WHAT)
    declare_stack(parser)
    parser.add_argument(
        "--rules", type=rule_files, default=SHIPPED, metavar="DIR", help="rule files (default: shipped)"
    )
    declare_past(parser)
    declare_jobs(parser)
    parser.add_argument("--from", dest="begin", type=midnight, metavar="DAY", help="leads made since then")
    parser.add_argument("--to", dest="end", type=midnight, metavar="DAY", help="the last day")
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Tell; return 0, 1 with a word on standard error if that is not possible, or 2 if mistyped."""
    from pql.cli.metrics.text import text  # noqa: PLC0415

    need_order(chosen.begin, chosen.end)
    found = _metrics(chosen)
    print(_document(found) if chosen.json else "\n".join(text(found)))
    return 0


def _metrics(chosen: argparse.Namespace) -> Metrics:
    from pql.backtest.figures.figures import figures  # noqa: PLC0415
    from pql.flows.metrics import metrics, read  # noqa: PLC0415
    from pql.flows.metrics.backdrop import Backdrop, backdrop_of  # noqa: PLC0415
    from pql.flows.metrics.rehearsal import rehearsed  # noqa: PLC0415

    pack, course = _course(chosen) if chosen.events else (None, None)
    begin, end = chosen.begin, FOREVER if chosen.end is None else chosen.end + DAY
    if not chosen.table and pack is not None and course is not None:
        return rehearsed(course, begin, end, within=chosen.within, announced=pack.announced)
    from pql.adapters.dynamo_leads import DynamoLeads  # noqa: PLC0415

    deployment = Deployment(chosen)
    leads = DynamoLeads(deployment.client("dynamodb"), deployment.table)
    passed: list[LeadKey] = []
    records = [*read(leads, begin or 0, end, passed.append)]
    if passed:
        print(
            f"pql metrics: {counted(len(passed), 'lead')} left out: nobody can read what is stored",
            file=sys.stderr,
        )
    backdrop = Backdrop() if course is None else backdrop_of(figures(course, chosen.within))
    return metrics(records, now_ms(), first=begin, before=end, within=chosen.within, backdrop=backdrop)


def _course(chosen: argparse.Namespace) -> tuple[Pack, Course]:
    from pql.rules.load import load  # noqa: PLC0415

    pack = load(chosen.rules)
    look_over(chosen.events, "pql metrics", chosen.conversions)
    (course,) = courses([pack], chosen, converting(chosen, pack), "pql metrics")
    return pack, course


def _document(found: Metrics) -> str:
    """Return it as JSON, for other programs; fields may be added, none is renamed."""
    told = msgspec.to_builtins(found)
    within = told.pop("within")
    told["within_days"] = None if within is None else within / DAY
    told["first"] = None if found.first is None else iso(found.first)
    told["until"] = iso(found.until)
    told["last"] = None if found.last is None else iso(found.last)
    return plain_json(told)
