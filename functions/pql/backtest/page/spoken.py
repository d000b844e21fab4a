"""What a rule asks, in plain words: its conditions line by line, as an account would have to meet them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from pql.core.plain_words import compared, number, signed
from pql.rules.conditions import (
    Condition,
    Derived,
    Joined,
    Kinds,
    Not,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
)
from pql.rules.pack import Pack, RuleFile
from pql.rules.parts import Bands, Per, Points
from pql.rules.rule import Rule, TierByScore
from pql.rules.where import where_words

_JOINS = ("all of", "any of")


class Line(NamedTuple):
    """A line of words; `depth` is how many groups it stands in."""

    depth: int
    words: str


class Spoken(NamedTuple):
    """A rule as people are told of it. `bounds` are the thresholds it has on scores, by their names."""

    name: str
    file: str
    title: str
    reason: str
    status: str
    tier: str
    lines: list[Line]
    bounds: dict[str, float]


def spoken(pack: Pack) -> dict[str, Spoken]:
    """Return every rule of a pack by its name, the drafts too."""
    return {
        name: _rule(name, where, file, rule)
        for where, file in pack.files.items()
        for name, rule in file.rules.items()
    }


def _rule(name: str, where: str, file: RuleFile, rule: Rule) -> Spoken:
    lines = [*_lines(rule.when, file)]
    if rule.unless is not None:
        lines += _unless(rule.unless, file)
    tier = f"by score {rule.tier.score}" if isinstance(rule.tier, TierByScore) else rule.tier
    bounds = {
        leaf.score: float(leaf.threshold)
        for leaf in rule.when.leaves()
        if isinstance(leaf, ScoreCondition) and leaf.operator in {"at_least", "more_than"}
    }
    return Spoken(name, where, rule.title, rule.reason, rule.status, tier, lines, bounds)


def _unless(condition: Condition, file: RuleFile) -> list[Line]:
    first, *others = _lines(condition, file, 1)
    if first.words in _JOINS:
        return [Line(0, f"unless {first.words}"), *(Line(one.depth - 1, one.words) for one in others)]
    return [Line(0, "unless"), first, *others]


def _lines(condition: Condition, file: RuleFile, depth: int = 0, *, turned: bool = False) -> Iterator[Line]:
    one = cast("Kinds", condition)
    if isinstance(one, Not):
        yield from _lines(one.inner, file, depth, turned=not turned)
    elif isinstance(one, Joined):
        # A conjunction at the top is a list as it is; anything else says how it joins.
        joins = _JOINS[one.every is turned]
        inside = depth if joins == _JOINS[0] and depth == 0 else depth + 1
        if inside > depth:
            yield Line(depth, joins)
        for part in one.inner:
            yield from _lines(part, file, inside, turned=turned)
    else:
        yield Line(depth, _leaf(one, file, turned=turned))
        if isinstance(one, ScoreCondition):
            yield from _score(one.score, file, depth + 1)


def _leaf(one: Condition, file: RuleFile, *, turned: bool) -> str:
    if isinstance(one, RuleCondition):
        return f"{'no ' if turned and one.fired_within else ''}{one.words}{_not(one, turned=turned)}"
    held = cast("ScoreCondition", one)
    test = held.opposite_words if turned else held.test_words
    threshold = [*held.threshold] if isinstance(held.threshold, tuple) else held.threshold
    if isinstance(one, SignalCondition):
        signal = file.signals[one.signal]
        return f"{signal.words} {compared(test, threshold, signal.unit)}"
    if isinstance(one, Derived):
        return f"{one.told(lambda name: _called(name, file))} {compared(test, threshold, one.unit)}"
    what = f"score {one.score}" if isinstance(one, ScoreCondition) else getattr(one, "trait", "")
    return f"{what} {compared(test, threshold)}"


def _not(one: RuleCondition, *, turned: bool) -> str:
    return " not" if turned and not one.fired_within else ""


def _score(name: str, file: RuleFile, depth: int) -> Iterator[Line]:
    for part in file.scores.get(name, ()):
        if isinstance(part, Points):
            yield Line(depth, f"{signed(part.points)} {_spelled(part.when, file)}")
        elif isinstance(part, Per):
            words = file.signals[part.per].words
            yield Line(depth, f"{signed(part.points)} for each {words}, up to {number(part.up_to)} in all")
        elif isinstance(part, Bands):
            words = file.signals[part.signal].words if part.signal is not None else part.trait or ""
            bands = ", ".join(f"{signed(part.bands[bound])} from {number(bound)}" for bound in part.bounds)
            yield Line(depth, f"{words}: {bands}")
        else:
            yield Line(depth, f"{number(part.weight)} times score {part.score}")
            yield from _score(part.score, file, depth + 1)


def _spelled(condition: Condition, file: RuleFile, *, turned: bool = False) -> str:
    """Return a condition on one line, groups inside of others in brackets."""
    one = cast("Kinds", condition)
    if isinstance(one, Not):
        return _spelled(one.inner, file, turned=not turned)
    if not isinstance(one, Joined):
        return _leaf(one, file, turned=turned)
    parts = [_spelled(part, file, turned=turned) for part in one.inner]
    grouped = [
        f"({told})" if isinstance(part, Joined) else told for part, told in zip(one.inner, parts, strict=True)
    ]
    return (" and " if one.every is not turned else " or ").join(grouped)


def _called(name: str, file: RuleFile) -> str:
    signal = file.signals[name]
    return signal.label or f"{signal.noun}{where_words(signal.where)}"
