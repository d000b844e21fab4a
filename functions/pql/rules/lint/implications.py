"""Conditions that hold whenever others do: rules that are kept silent, fire but once or are shadowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pql.rules.lint.findings import Finding, finding
from pql.rules.logic import Conjunction, Subject, TooManyWays, conflict, implies, ways
from pql.rules.rule import Rule
from pql.rules.source import Path, Source

# Each way of the one is held against each of the other.
PAIRS_LIMIT = 10_000


class Known(NamedTuple):
    """A rule of the pack with the ways in which its condition can hold."""

    about: str
    file: str
    name: str
    rule: Rule
    ways: list[Conjunction]


def kept_silent(
    name: str, rule: Rule, found: list[Conjunction], subject: Subject, source: Source
) -> Iterator[Finding]:
    """Yield whether `unless` holds whenever `when` does."""
    if rule.unless is None or all(map(conflict, found)):
        return
    path: Path = ("rules", name, "unless")
    if _implies(found, ways(rule.unless, subject, path)):
        yield finding(source, path, "never-true", f"whenever `when` holds this does: `{name}` never fires")


def never_again(
    name: str, rule: Rule, found: list[Conjunction], subject: Subject, source: Source
) -> Iterator[Finding]:
    """Yield whether the exit holds only while `when` does, which is when it arms nothing."""
    if rule.until is None or rule.requalify is not None:
        return
    path: Path = ("rules", name, "until")
    if _implies(ways(rule.until, subject, path), found):
        words = f"whenever this holds `when` does, too: `{name}` fires once and never again"
        yield finding(source, path, "never-again", words)


def _implies(strict: list[Conjunction], wide: list[Conjunction]) -> bool:
    if len(strict) * len(wide) > PAIRS_LIMIT:
        raise TooManyWays
    return implies(strict, wide)


def shadowed(rules: list[Known], sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Yield the rules that tell nothing which another does not tell already, or that may be such rules."""
    wide = set[str]()
    for place, one in enumerate(rules):
        for position, other in enumerate(rules):
            if one is other or one.about != other.about:
                continue
            path: Path = ("rules", one.name)
            if len(one.ways) * len(other.ways) > PAIRS_LIMIT:
                if place > position and one.name not in wide:
                    wide.add(one.name)
                    words = (
                        f"this and `{other.name}` in {other.file} can hold in too many ways to be compared"
                    )
                    yield finding(sources[one.file], path, "too-many-ways", words, key=True)
                continue
            if not one.ways or not implies(one.ways, other.ways):
                continue
            if implies(other.ways, one.ways):
                if place > position:
                    words = f"the condition of `{one.name}` is that of `{other.name}` in {other.file}"
                    yield finding(sources[one.file], path, "same-condition", words, key=True)
            elif _covers(other.rule, one.rule):
                words = (
                    f"whenever `{one.name}` holds `{other.name}` in {other.file} does, too, with the same "
                    "tier and channels: give it another tier, or narrow the other one"
                )
                yield finding(sources[one.file], path, "shadowed", words, key=True)


def _covers(wide: Rule, strict: Rule) -> bool:
    """Return whether leads of the one go where those of the other go."""
    wide_terms, strict_terms = ((str(one.status), one.tier, one.channels) for one in (wide, strict))
    return wide_terms == strict_terms and wide_terms[0] != "draft" and wide.unless in (None, strict.unless)
