"""Say why an account is a lead under each rule, or what is missing and how it could come.

It reads one row of the table, or counts a file of events in memory: the archive as it is, or events
as SDKs send them. Nothing is written.

```console
$ pql explain northwind --table pql --rules functions/rules
$ pql explain northwind activated --events archive/
```
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.rules.check import refuse
from pql.cli.rules.places import SHIPPED, declare_json, directory
from pql.cli.table import declare_table, dynamodb

if TYPE_CHECKING:
    from pql.cli.explain.sources import Source
    from pql.core.account import Row
    from pql.engine.plan import Plan
    from pql.rules.pack import Pack

HELP = "say why an account is a lead, or what is missing"
LATENESS_DAYS = 7


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql explain`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("account", help="the account's id, as senders know it")
    parser.add_argument("rule", nargs="?", help="only this rule (default: all)")
    declare_table(parser, required=False)
    parser.add_argument(
        "--events",
        action="append",
        type=_path,
        metavar="PATH",
        help="count this file or directory of events instead of reading a table; may be given again",
    )
    parser.add_argument(
        "--rules", type=directory, default=SHIPPED, metavar="DIR", help="rule files (default: shipped)"
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("account", "user", "anonymous"),
        default="account",
        help="who is meant: an account, a user or an anonymous id (default: account)",
    )
    parser.add_argument(
        "--at",
        type=_moment,
        metavar="TIME",
        help="the moment to explain, ISO 8601 (default: now, or the newest event of a file)",
    )
    parser.add_argument(
        "--lateness-days",
        type=_days,
        default=LATENESS_DAYS,
        metavar="N",
        help=f"events older than this on arrival do not count (default: {LATENESS_DAYS}, as deployed)",
    )
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Explain; return 0, 1 if there is nothing to explain, or 2 if it cannot be looked up."""
    # Imported here: pydantic takes half a second, and `pql --help` should not.
    from pql.core.errors import NewerVersion, Poison, Unavailable, Unreadable  # noqa: PLC0415
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.rules.faults import RulesRejected  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    if chosen.events is None and not chosen.table:
        print("pql explain: say where to look: --table NAME or --events PATH", file=sys.stderr)
        return 2
    if chosen.events is not None and chosen.table not in (None, os.environ.get("PQL_TABLE")):
        print("pql explain: --table and --events exclude each other: leave one out", file=sys.stderr)
        return 2
    try:
        pack = load(chosen.rules)
    except RulesRejected as rejected:
        refuse(rejected.faults, as_json=chosen.json)
        return 1
    try:
        return _explain(chosen, Plan(pack), pack)
    except BrokenPipeError:
        raise
    except (NewerVersion, Poison, Unavailable, Unreadable, OSError) as error:
        print(f"pql explain: {error}", file=sys.stderr)
        return 2


def _explain(chosen: argparse.Namespace, plan: Plan, pack: Pack) -> int:
    from pql.cli.explain.document import document  # noqa: PLC0415
    from pql.cli.explain.text import text  # noqa: PLC0415
    from pql.engine.explain import together  # noqa: PLC0415
    from pql.flows.editions import Editions  # noqa: PLC0415
    from pql.flows.explain import explain  # noqa: PLC0415

    refused = _refused(chosen, plan, pack)
    if refused is not None:
        print(f"pql explain: {refused}", file=sys.stderr)
        return 1
    source = _source(chosen, plan, pack.conversions)
    plan.mute(source.muted)
    found = [row for subject in _subjects(chosen, plan) if (row := source.row(subject)) is not None]
    rows = [row for row in found if row.state and not row.moved]
    if not rows:
        told = f"nothing is counted for {chosen.kind} {chosen.account}{_elsewhere(chosen, found, source)}"
        print(f"pql explain: {told}", file=sys.stderr)
        return 1
    rules = [chosen.rule] if chosen.rule else []
    Editions(source.store, plan).recall(rows)
    explanation = together([explain(plan, row, source.now, source.lead, rules) for row in rows])
    print(document(explanation) if chosen.json else "\n".join(text(explanation, _options(chosen))))
    return 0


def _refused(chosen: argparse.Namespace, plan: Plan, pack: Pack) -> str | None:
    """Return why the rule that is asked for says nothing of whom is asked for."""
    from pql.rules.nearest import unknown  # noqa: PLC0415

    people = [rule for file in pack.about("user").files.values() for rule in file.rules]
    if chosen.rule is None or chosen.rule in plan.ruled:
        return None
    if chosen.rule not in people:
        return unknown("rule", chosen.rule, [*plan.ruled, *people])
    if plan.people is None:
        return f"`{chosen.rule}` is a draft about people: nothing is counted for it until it is live"
    if chosen.kind == "account":
        return f"`{chosen.rule}` is about people: {_as_user(chosen)}"
    return None


def _elsewhere(chosen: argparse.Namespace, found: Sequence[Row], source: Source) -> str:
    """Return where else to look for whom nothing is counted, if that is known."""
    from pql.core.keys import as_person, readable, user_key  # noqa: PLC0415

    into = next((row.moved for row in found if row.moved), None)
    if into:
        return f"; it became part of {readable(into)}"
    if chosen.kind != "account":
        return ""
    user = user_key(chosen.account)
    rows = [row for key in (user, as_person(user)) if (row := source.row(key)) is not None]
    if any(row.state and not row.moved for row in rows):
        return f"; there is a user of that id: {_as_user(chosen)}"
    into = next((row.moved for row in rows if row.moved), None)
    return f"; the user of that id became part of {readable(into)}" if into else ""


def _as_user(chosen: argparse.Namespace) -> str:
    """Return the command that asks the same of a user."""
    rule = [] if chosen.rule is None else [chosen.rule]
    if chosen.account.startswith("-"):
        return shlex.join(["pql", "explain", "--as", "user", "--", chosen.account, *rule])
    return shlex.join(["pql", "explain", chosen.account, *rule, "--as", "user"])


def _subjects(chosen: argparse.Namespace, plan: Plan) -> list[str]:
    """Return whom to look up: a user may be counted as a person, and in place of an account."""
    from pql.core.keys import account_key, anonymous_key, as_person, user_key  # noqa: PLC0415

    key = {"account": account_key, "user": user_key, "anonymous": anonymous_key}[chosen.kind](chosen.account)
    if plan.people is None or chosen.kind == "account":
        return [key]
    if chosen.rule is not None:
        return [as_person(key) if plan.judging(chosen.rule) is plan.people else key]
    return [as_person(key), key]


def _options(chosen: argparse.Namespace) -> list[str]:
    """Return the options with which the log of accepted events gives the same leads again."""
    logs = chosen.events or ["ARCHIVE"]
    options = [word for log in logs for word in ("--events", str(log))]
    if chosen.rules.resolve() != SHIPPED.resolve():
        options += ["--rules", str(chosen.rules)]
    if chosen.lateness_days != LATENESS_DAYS:
        options += ["--lateness-days", str(chosen.lateness_days)]
    return options


def _source(chosen: argparse.Namespace, plan: Plan, conversions: Collection[str]) -> Source:
    from pql.cli.explain.sources import from_events, from_table  # noqa: PLC0415
    from pql.core.plain_words import counted  # noqa: PLC0415

    if chosen.events is None:
        now = time.time_ns() // 1_000_000 if chosen.at is None else chosen.at
        return from_table(dynamodb(chosen), chosen.table, now)
    source = from_events(plan, conversions, chosen.events, chosen.at, chosen.lateness_days)
    if source.unread:
        print(
            f"pql explain: passed over {counted(source.unread, 'line')} without an event and its time",
            file=sys.stderr,
        )
    return source


def _path(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"there is no {text}")
    return path


def _days(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number of days such as 7, got {text!r}")
    return int(text)


def _moment(text: str) -> int:
    from pql.core.times import moment  # noqa: PLC0415

    found = moment(text)
    if found is None or found < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-22T03:10:00Z")
    return found
