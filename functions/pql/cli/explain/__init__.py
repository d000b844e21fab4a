"""Say why an account is a lead under each rule, or what is missing and how it could come.

It reads one row of the table, or counts a file of events in memory: the archive as it is, or events
as SDKs send them. Nothing is written.

```console
$ pql explain northwind --rules functions/rules
$ pql explain northwind activated --events archive/
```
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.explain.whom import elsewhere, subjects, why_not
from pql.cli.lateness import declare_lateness, lateness
from pql.cli.refused import COULD_NOT_LOOK, Mistyped, sorry
from pql.cli.rules.places import SHIPPED, absent, declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.cli.subject import SHOWN_BY, declare_subject
from pql.core.event import LATENESS_DAYS
from pql.core.plain_words import calendar, counted

if TYPE_CHECKING:
    from pql.cli.explain.sources import Source
    from pql.engine.plan import Plan
    from pql.rules.pack import Pack

HELP = "say why an account is a lead, or what is missing"
UNABLE = COULD_NOT_LOOK


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql explain`."""
    declare_subject(parser)
    parser.add_argument("rule", nargs="?", help="only this rule (default: all)")
    declare_stack(parser)
    parser.add_argument(
        "--events",
        action="append",
        type=_path,
        metavar="PATH",
        help="count this file or directory of events instead of reading a table; may be given again",
    )
    declare_deployed(parser, "rule files")
    parser.add_argument(
        "--at",
        type=_moment,
        metavar="TIME",
        help="the moment to explain, ISO 8601 (default: now, or the newest event of a file)",
    )
    declare_lateness(parser, f"the stack's, else {LATENESS_DAYS}")
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Explain; return 0, 1 if there is nothing to explain, or 2 if it cannot be looked up."""
    # Imported here: pydantic takes half a second, and `pql --help` should not.
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    if chosen.events is not None and chosen.table not in (None, os.environ.get("PQL_TABLE")):
        raise Mistyped("--table and --events exclude each other: leave one out")
    pack = load(chosen.rules)
    chosen.deployment = Deployment(chosen)
    return _explain(chosen, Plan(pack), pack)


def _explain(chosen: argparse.Namespace, plan: Plan, pack: Pack) -> int:
    from pql.cli.explain.document import document  # noqa: PLC0415
    from pql.cli.explain.text import text  # noqa: PLC0415
    from pql.engine.explain import together  # noqa: PLC0415
    from pql.engine.state import editions_of  # noqa: PLC0415
    from pql.flows.editions import Editions  # noqa: PLC0415
    from pql.flows.explain import explain  # noqa: PLC0415

    refused = why_not(chosen, plan, pack)
    if refused is not None:
        return sorry(chosen, refused)
    source = _source(chosen, plan, pack.conversions)
    plan.shadow(source.shadowed)
    found = [row for subject in subjects(chosen, plan) if (row := source.row(subject)) is not None]
    rows = [row for row in found if row.state and not row.moved]
    if not rows:
        known = elsewhere(chosen, found, source) or (f"; {SHOWN_BY}" if chosen.events is None else "")
        by = "" if chosen.at is None or chosen.events is None else f" by {calendar(chosen.at)}"
        return sorry(chosen, f"nothing is counted for {chosen.kind} {chosen.account}{by}{known}")
    rules = [chosen.rule] if chosen.rule else []
    Editions(source.store, plan).recall(rows)
    explanation = together([explain(plan, row, source.now, source.lead, rules) for row in rows])
    if not all(plan.of(row.subject).editions.own.id in editions_of(row.state) for row in rows):
        sorry(chosen, "these rules have not judged it yet: --rules DIR names those that are deployed")
    if chosen.at is not None and chosen.at < explanation.as_of:
        sorry(chosen, f"a table holds what stands now: for {calendar(chosen.at)} name --events")
    print(document(explanation) if chosen.json else "\n".join(text(explanation, _options(chosen))))
    return 0


def _options(chosen: argparse.Namespace) -> list[str]:
    """Return the options with which the log of accepted events gives the same leads again."""
    logs = chosen.events or ["ARCHIVE"]
    options = [word for log in logs for word in ("--events", str(log))]
    if chosen.rules.resolve() != SHIPPED.resolve():
        options += ["--rules", str(chosen.rules)]
    days = _lateness(chosen)
    return options if days == LATENESS_DAYS else [*options, "--lateness-days", str(days)]


def _lateness(chosen: argparse.Namespace) -> int:
    """Return the limit in days: the one that was named, else that of the stack that is read, if one is.

    Whoever may not ask what the stack was set to is told the default.
    """
    from pql.core.errors import Unavailable  # noqa: PLC0415

    if chosen.lateness_days is not None or chosen.events is not None or chosen.table:
        return chosen.lateness_days or LATENESS_DAYS
    try:
        return lateness(chosen, chosen.deployment)
    except Unavailable:
        return LATENESS_DAYS


def _source(chosen: argparse.Namespace, plan: Plan, conversions: Collection[str]) -> Source:
    from pql.cli.explain.sources import from_events, from_table  # noqa: PLC0415

    if chosen.events is None:
        now = now_ms() if chosen.at is None else chosen.at
        return from_table(chosen.deployment.client("dynamodb"), chosen.deployment.table, now)
    source = from_events(plan, conversions, chosen.events, chosen.at, _lateness(chosen))
    if source.unread:
        print(
            f"pql explain: passed over {counted(source.unread, 'line')} without an event and its time",
            file=sys.stderr,
        )
    return source


def _path(text: str) -> Path:
    path = Path(text)
    if path.exists():
        return path
    if text.startswith("s3://"):
        first = f"aws s3 sync {shlex.quote(text)} archive"
    elif text.partition(":")[0] == "archive":  # as it stands in other commands for what is deployed
        first = "pql archive get DAY --out archive"
    else:
        raise argparse.ArgumentTypeError(absent(text))
    raise argparse.ArgumentTypeError(
        f"{text} is not on this machine; type first: {first}, and then --events archive"
    )


def _moment(text: str) -> int:
    from pql.core.times import written_time  # noqa: PLC0415

    found = written_time(text)
    if found is None or found < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-22T03:10:00Z")
    return found
