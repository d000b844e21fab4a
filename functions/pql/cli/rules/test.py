"""Run the tests inside rule files. One that fails tells its story: what changed at each line."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pql.cli.plain_json import plain_json
from pql.cli.refused import sorry
from pql.cli.rules.places import declare_json, declare_rules, rules_of

if TYPE_CHECKING:
    from pql.engine.rehearsal import Rehearsed
    from pql.engine.story import Chapter
    from pql.rules.pack import Pack

HELP = "run the tests in the files"


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules test`."""
    declare_rules(parser)
    parser.add_argument("--rule", metavar="NAME", help="only the tests of this rule")
    parser.add_argument("--file", metavar="NAME", help="only the tests in this file")
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Run the tests; return 0 if all of them pass and 1 if not."""
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.engine.rehearsal import rehearse  # noqa: PLC0415
    from pql.engine.story import story  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    pack = load(rules_of(chosen)).rehearsed()
    wrong = _unknown(chosen, pack)
    if wrong:
        return sorry(chosen, wrong)
    plan = Plan(pack)
    done = [one for one in rehearse(plan, pack) if _is_meant(one, chosen)]
    told = [(one, [] if one.passed else list(story(plan, one))) for one in done]
    print(_document(told) if chosen.json else "\n".join(_report(told)))
    return 0 if done and all(one.passed for one in done) else 1


def _unknown(chosen: argparse.Namespace, pack: Pack) -> str | None:
    """Return that there is no such rule or file, and what was meant; None if there are both."""
    from pql.rules.nearest import unknown  # noqa: PLC0415

    rules = [name for file in pack.files.values() for name in file.rules]
    if chosen.rule not in (None, *rules):
        return unknown("rule", chosen.rule, rules)
    return None if chosen.file in (None, *pack.files) else unknown("file", chosen.file, pack.files)


def _is_meant(rehearsed: Rehearsed, chosen: argparse.Namespace) -> bool:
    return chosen.rule in (None, rehearsed.rule) and chosen.file in (None, rehearsed.file)


def _report(told: Iterable[tuple[Rehearsed, list[Chapter]]]) -> Iterator[str]:
    passed = failed = 0
    for rehearsed, chapters in told:
        passed += rehearsed.passed
        failed += not rehearsed.passed
        mark = "ok  " if rehearsed.passed else "FAIL"
        yield f"{mark} {rehearsed.file}: {rehearsed.name}: {rehearsed.words}"
        width = max((len(_when(one)) for one in chapters), default=0)
        for chapter in chapters:
            yield from _lines(chapter, width)
    yield f"{passed} passed, {failed} failed" if passed + failed else "no test of that rule in that file"


def _lines(chapter: Chapter, width: int) -> Iterator[str]:
    margin = " " * (width + 10)
    yield f"     {_when(chapter):<{width}}  {_heading(chapter)}"
    blamed = {one.partition(": ")[0] for one in chapter.lacking}
    for one in chapter.changes:
        if blamed and not one.met and one.words not in blamed:
            continue  # below that heading it would read as if it were to blame
        value = one.after if one.before == one.after else f"{one.before} → {one.after}"
        yield f"{margin}{'✓' if one.met else '✗'} {one.words}: {value} ({one.test})"
    changed = [one.words for one in chapter.changes]
    yield from (f"{margin}✗ {one}" for one in chapter.lacking if one.partition(": ")[0] not in changed)
    if chapter.fired:
        yield f"{margin}→ fired{'' if chapter.expected else ', which was not expected'}"
    yield from (f"{margin}{one}" for one in chapter.kept)


def _heading(chapter: Chapter) -> str:
    if chapter.line is not None:
        return chapter.line
    if chapter.lacking:
        return "expected to fire here, but this did not hold"
    return "expected to fire here; it held, and was kept back (a test begins on 1 Jan 2025)"


def _when(chapter: Chapter) -> str:
    from pql.rules.timeline import spoken  # noqa: PLC0415

    return spoken(chapter.offset)


def _document(told: Iterable[tuple[Rehearsed, list[Chapter]]]) -> str:
    return plain_json([_plain(*one) for one in told])


def _plain(rehearsed: Rehearsed, chapters: list[Chapter]) -> dict[str, Any]:
    from pql.rules.timeline import spoken  # noqa: PLC0415

    return {
        "file": rehearsed.file,
        "test": rehearsed.name,
        "rule": rehearsed.rule,
        "passed": rehearsed.passed,
        "expected": [spoken(one) for one in rehearsed.expected],
        "fired": [spoken(one) for one in rehearsed.fired],
        "story": [
            {**one._asdict(), "offset": _when(one), "changes": [change._asdict() for change in one.changes]}
            for one in chapters
        ],
    }
