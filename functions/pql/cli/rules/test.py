"""Run the tests inside rule files. One that fails tells its story: what changed at each line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pql.cli.rules.check import loaded
from pql.cli.rules.places import declare_json, declare_rules

if TYPE_CHECKING:
    from pql.engine.rehearsal import Verdict
    from pql.engine.story import Chapter

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

    found = loaded(chosen)
    if found is None:
        return 1
    pack = found.rehearsed()
    plan = Plan(pack)
    verdicts = [one for one in rehearse(plan, pack) if _is_meant(one, chosen)]
    told = [(one, [] if one.passed else list(story(plan, one))) for one in verdicts]
    print(_document(told) if chosen.json else "\n".join(_report(told)))
    return 0 if verdicts and all(one.passed for one in verdicts) else 1


def _is_meant(verdict: Verdict, chosen: argparse.Namespace) -> bool:
    return chosen.rule in (None, verdict.rule) and chosen.file in (None, verdict.file)


def _report(told: Iterable[tuple[Verdict, list[Chapter]]]) -> Iterator[str]:
    passed = failed = 0
    for verdict, chapters in told:
        passed += verdict.passed
        failed += not verdict.passed
        yield f"{'ok  ' if verdict.passed else 'FAIL'} {verdict.file}: {verdict.name}: {verdict.words}"
        width = max((len(_when(one)) for one in chapters), default=0)
        for chapter in chapters:
            yield from _lines(chapter, width)
    yield f"{passed} passed, {failed} failed" if passed + failed else "no test of that rule or file"


def _lines(chapter: Chapter, width: int) -> Iterator[str]:
    margin = " " * (width + 10)
    yield f"     {_when(chapter):<{width}}  {_heading(chapter)}"
    for one in chapter.changes:
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


def _document(told: Iterable[tuple[Verdict, list[Chapter]]]) -> str:
    return json.dumps([_plain(*one) for one in told], indent=2, ensure_ascii=False)


def _plain(verdict: Verdict, chapters: list[Chapter]) -> dict[str, Any]:
    from pql.rules.timeline import spoken  # noqa: PLC0415

    return {
        "file": verdict.file,
        "test": verdict.name,
        "rule": verdict.rule,
        "passed": verdict.passed,
        "expected": [spoken(one) for one in verdict.expected],
        "fired": [spoken(one) for one in verdict.fired],
        "story": [
            {**one._asdict(), "offset": _when(one), "changes": [change._asdict() for change in one.changes]}
            for one in chapters
        ],
    }
