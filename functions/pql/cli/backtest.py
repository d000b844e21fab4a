"""Run rules over the past: whom they would have found, how much of it was right, and what they missed.

RULES is a directory of rule files or one file (default: those that ship); all of them are judged, drafts
and shadows too, by the code that runs live. EVENTS are files or directories of events, `s3://bucket/prefix`,
or `archive`. A lead counts only if its account converted after it.

```console
$ pql backtest functions/rules archive --within 90d
$ pql backtest rules/ events.jsonl.gz --conversions won.csv --html backtest.html
$ pql backtest rules/ events/ --conversions 'Subscription Started' --rule activated --json -
$ pql backtest rules/ --on pql-backtest --shards 8 --within 90d
```
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pql.cli.backtest_list import need_list
from pql.cli.clock import now_ms
from pql.cli.day import midnight, need_order
from pql.cli.lateness import horizon
from pql.cli.machines import course_in, course_on, declare_machines
from pql.cli.past import again, converting, declare_jobs, declare_past, heed
from pql.cli.plain_json import plain_json
from pql.cli.refused import Mistyped
from pql.cli.rules.places import RULES, SHIPPED, absent, rule_files
from pql.cli.sources import ONE_PLACE, cloud_of, look_over
from pql.cli.stack import declare_stack
from pql.cli.targets import EVENTS, declare_printable, need_apart, need_reports, need_writable
from pql.core.errors import PqlError
from pql.core.plain_words import counted
from pql.core.times import day_of
from pql.core.window import DAY

if TYPE_CHECKING:
    from pql.backtest.course import Course
    from pql.backtest.figures.figures import Figures
    from pql.backtest.figures.group import First
    from pql.backtest.rerun.labels import Conversions
    from pql.core.event import Event
    from pql.rules.pack import Pack

HELP = "run rules over the past, and say how right they would have been"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "what", nargs="*", metavar="[RULES] EVENTS", help="rules first, then events: see above"
    )
    parser.add_argument("--rules", type=rule_files, metavar="DIR", help="the same as RULES")
    declare_past(parser)
    declare_stack(parser)
    parser.add_argument(
        "--rule", action="append", metavar="NAME", help="only this rule; may be given again (default: all)"
    )
    parser.add_argument("--from", dest="begin", type=midnight, metavar="DAY", help="the first day of receipt")
    parser.add_argument("--to", dest="end", type=midnight, metavar="DAY", help="the last day of receipt")
    declare_jobs(parser)
    declare_machines(parser)
    declare_printable(parser, "--json", "write the figures as JSON")
    parser.add_argument("--csv", type=Path, metavar="DIR", help="write them as CSV files into a directory")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page to look at")


def run(chosen: argparse.Namespace) -> int:
    """Run; return 0, 1 with a word on standard error if that is not possible, or 2 if mistyped."""
    from pql.backtest.figures.figures import figures, qualifications  # noqa: PLC0415 - pydantic takes long
    from pql.backtest.figures.population import populations  # noqa: PLC0415
    from pql.backtest.figures.summary import summary  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    need_order(chosen.begin, chosen.end)
    need_reports({"--json": chosen.json, "--html": chosen.html})
    rules, events = _places(chosen)
    _need_apart(rules, events, chosen)
    need_writable((chosen.json, chosen.html), (chosen.csv,))
    pack = load(rules)
    look_over(events, "pql backtest", chosen.conversions)
    need_list(chosen.conversions, events)
    conversions = converting(chosen, pack)
    course = _chosen(_found(rules, pack, events, chosen, conversions), chosen.rule)
    heed(chosen, course, conversions, "pql backtest", _again(chosen, events))
    given = conversions if isinstance(conversions, Mapping) else ()
    everybody = populations(course)
    found = figures(course, chosen.within, given=given, announced=pack.announced, everybody=everybody)
    _deliver(found, qualifications(course, chosen.within, everybody), pack, _title(chosen, rules), chosen)
    if events and not found.counted and (read := again(chosen, events)):
        told = _why_none(chosen, (event.received for event in read()))
        print(f"pql backtest: {told}", file=sys.stderr)
    if chosen.json != "-":
        print("\n".join(summary(found)))
    return 0 if found.counted else 1


def _why_none(chosen: argparse.Namespace, received: Iterable[int]) -> str:
    """Return why no event was counted that was `received` (epoch ms): on which days they were."""
    days = Counter(at // DAY for at in received)
    if not days:
        return "no event was read"
    first, last = (day_of(one * DAY) for one in (min(days), max(days)))
    there = f"{counted(days.total(), 'event')}, received from {first} to {last}"
    if chosen.begin is None and chosen.end is None:
        return f"none of {there} could be counted: all came too late, or name nobody"
    are = "is" if days.total() == 1 else "are"
    return f"nothing was received on the chosen days: there {are} {there}"


def _need_apart(rules: Path, events: list[str], chosen: argparse.Namespace) -> None:
    """Raise `Mistyped` where something that is to be written is something that is to be read."""
    from pql.backtest.figures.tables import NAMES  # noqa: PLC0415

    tables = [("--csv", chosen.csv / one) for one in NAMES] if chosen.csv else []
    inputs = {
        "RULES": [rules],
        EVENTS: events,
        "--conversions": chosen.conversions or [],
        "--course": [chosen.course],
    }
    need_apart([("--json", chosen.json), ("--html", chosen.html), *tables], inputs)


def _places(chosen: argparse.Namespace) -> tuple[Path, list[str]]:
    """Return where the rules and where the events are; raises `Mistyped` where that is not said."""
    is_elsewhere = bool(chosen.on or chosen.course)
    rules, events = chosen.rules or SHIPPED, [*chosen.what]
    if chosen.rules is None and events and _holds_rules(Path(events[0])):
        rules = Path(events.pop(0))
        if not rules.exists():
            raise Mistyped(absent(str(rules)))
        if not events and not is_elsewhere:
            raise Mistyped(f"{rules} are the rules: say behind it where the events are")
    elif chosen.rules is None and events and _is_bare(Path(events[0])):
        raise Mistyped(f"{events[0]} holds neither rules nor events: {ONE_PLACE}")
    if is_elsewhere and (events or (chosen.on and chosen.course)):
        raise Mistyped("the events are one of EVENTS, --on and --course")
    if chosen.course and not (chosen.begin is chosen.end is chosen.lateness_days is None):
        raise Mistyped("a course has been found already: --from, --to and --lateness-days go with EVENTS")
    if not events and not is_elsewhere:
        raise Mistyped("say where the events are: files, directories, s3://BUCKET/PREFIX, or archive")
    return rules, events


def _holds_rules(path: Path) -> bool:
    if path.is_dir():
        return any(one.suffix.lower() in RULES for one in path.iterdir())
    return path.suffix.lower() in RULES


def _is_bare(path: Path) -> bool:
    """Return whether a directory, which has no rules, has no events either."""
    from pql.adapters.event_pieces import holds_events  # noqa: PLC0415

    return path.is_dir() and not any(
        holds_events(one.relative_to(path).as_posix()) for one in path.rglob("*")
    )


def _found(
    rules: Path, pack: Pack, what: list[str], chosen: argparse.Namespace, conversions: Conversions
) -> Course:
    """Return the course: worked out here or on several machines, or read, and then of these rules."""
    if chosen.on:
        return course_on(rules, chosen, conversions, cloud_of(chosen))
    if chosen.course:
        return course_in(chosen.course, pack, cloud_of(chosen))
    return _course(pack, what, chosen, conversions)


def _course(pack: Pack, what: list[str], chosen: argparse.Namespace, conversions: Conversions) -> Course:
    from pql.adapters.shard_processes import sharded  # noqa: PLC0415
    from pql.cli.progress import Progress  # noqa: PLC0415

    days = {"begin": chosen.begin, "end": None if chosen.end is None else chosen.end + DAY}
    with Progress() as tell:
        return sharded(
            pack,
            what,
            jobs=chosen.jobs,
            cloud=cloud_of(chosen),
            horizon=horizon(chosen, what),
            conversions=conversions,
            tell=tell,
            now=now_ms(),
            **{name: day for name, day in days.items() if day is not None},
        )


def _again(chosen: argparse.Namespace, what: list[str]) -> Callable[[], Iterable[Event]] | None:
    """Return what reads the events of the chosen days once more, None for what can be read but once."""
    read = again(chosen, what) if what else None
    if read is None:
        return None
    begin, end = chosen.begin or 0, sys.maxsize if chosen.end is None else chosen.end + DAY
    return lambda: (event for event in read() if begin <= event.received < end)


def _chosen(course: Course, names: list[str] | None) -> Course:
    """Return the course of these rules alone; raises `PqlError` for one that there is not."""
    import msgspec  # noqa: PLC0415

    from pql.rules.nearest import unknown  # noqa: PLC0415

    if names is None:
        return course
    for name in names:
        if name not in course.rules:
            raise PqlError(unknown("rule", name, sorted(course.rules)))
    return msgspec.structs.replace(
        course,
        rules=[name for name in course.rules if name in names],
        qualified=[one for one in course.qualified if one.rule in names],
        misses=[one for one in course.misses if one.rule in names],
    )


def _deliver(
    found: Figures, first_leads: list[First], pack: Pack, title: str, chosen: argparse.Namespace
) -> None:
    from pql.backtest.figures.document import document  # noqa: PLC0415
    from pql.backtest.figures.tables import tables  # noqa: PLC0415
    from pql.backtest.page.page import page  # noqa: PLC0415
    from pql.backtest.page.spoken import spoken  # noqa: PLC0415

    if chosen.json:
        text = plain_json(document(found))
        if chosen.json == "-":
            print(text)
        else:
            _write(Path(chosen.json), f"{text}\n")
    if chosen.csv:
        chosen.csv.mkdir(parents=True, exist_ok=True)
        for name, table in tables(found, first_leads).items():
            _write(chosen.csv / name, table, say=False)
        print(f"wrote {chosen.csv}", file=sys.stderr)
    if chosen.html:
        _write(chosen.html, page(found, spoken(pack), title))


def _write(path: Path, text: str, *, say: bool = True) -> None:
    path.write_text(text, encoding="utf-8")
    if say:
        print(f"wrote {path}", file=sys.stderr)


def _title(chosen: argparse.Namespace, rules: Path) -> str:
    """Return what was tested, for the head of the page."""
    if chosen.rule:
        return ", ".join(chosen.rule)
    return "the shipped rules" if rules == SHIPPED else rules.resolve().stem
