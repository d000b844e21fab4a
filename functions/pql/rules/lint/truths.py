"""Conditions that never hold, and those that always do."""

from __future__ import annotations

from collections.abc import Iterator

from pql.core.plain_words import compared
from pql.rules.comparison import NumberComparison
from pql.rules.conditions import Condition
from pql.rules.conditions.derived import Derived
from pql.rules.lint.findings import Finding, finding
from pql.rules.logic import WAYS_LIMIT, Conjunction, Subject, TooManyWays, children, conflict, ways
from pql.rules.source import Path, Source


def truths(condition: Condition, path: Path, subject: Subject, source: Source) -> Iterator[Finding]:
    """Yield the parts of a condition that never hold, and those that always do."""
    for turned, code in ((False, "never-true"), (True, "always-true")):
        try:
            found = ways(condition, subject, path, turned=turned)
        except TooManyWays:
            verb, rest = ("fail", "always holds") if turned else ("hold", "never does")
            words = f"this can {verb} in more than {WAYS_LIMIT} ways: what {rest} is not looked for"
            yield finding(source, path, "too-many-ways", words)
            return
        alive = {one.path for way in found if not conflict(way) for one in way}
        for at, part in _dead(condition, path, alive):
            inside = [way for way in found if any(one.path[: len(at)] == at for one in way)]
            if turned:
                yield finding(source, at, code, "this holds for every account; leave it out or raise it")
            else:
                yield finding(source, at, code, _contradiction(part, inside))


def _dead(condition: Condition, path: Path, alive: set[Path]) -> Iterator[tuple[Path, Condition]]:
    """Yield the outermost conditions nothing inside of which is ever part of a way that can be gone."""
    if not any(at[: len(path)] == path for at in alive):
        yield path, condition
        return
    for at, one in children(condition, path):
        yield from _dead(one, at, alive)


def _contradiction(part: Condition, found: list[Conjunction]) -> str:
    clash = next((clash for way in found if (clash := conflict(way))), ())
    words = [_words(one.leaf, turned=one.turned) for one in clash]
    if len(words) == 1:
        return f"this never holds: {words[0]} is out of reach"
    return f"this never holds: {' and '.join(words)} exclude each other" if words else f"{part} never holds"


def _words(leaf: Condition, *, turned: bool) -> str:
    kind = str(getattr(leaf, "kind", "condition"))
    named = getattr(leaf, "words", None) or str(getattr(leaf, kind, kind))
    if not isinstance(leaf, (NumberComparison, Derived)):
        return f"`{'not ' if turned else ''}{named}`"
    return f"`{named} {compared(leaf.opposite_words if turned else leaf.test_words, leaf.threshold)}`"
