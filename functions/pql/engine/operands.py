"""What a rule looked at, operand by operand, with value, bound and points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, assert_never, cast

import msgspec

from pql.core.lead import Operand, Scalar, Unit
from pql.core.plain_words import compared, said
from pql.engine.words import Words
from pql.rules.conditions import (
    Condition,
    Derived,
    Joined,
    Not,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
    TraitCondition,
)
from pql.rules.conditions import Kinds as Conditions
from pql.rules.parts import Bands, Part, Per, Points, Weighted
from pql.rules.parts import Kinds as Parts
from pql.rules.properties import scalar

CHOICES_SHOWN = 20


def operands(
    condition: Condition, words: Words, points: float | None = None, *, turned: bool = False
) -> Iterator[Operand]:
    """Yield what a condition looks at: what is behind a score or another rule, then that itself.

    `turned` conditions are to fail.
    """
    one = cast("Conditions", condition)
    if isinstance(one, Not):
        yield from operands(one.inner, words, points, turned=not turned)
    elif isinstance(one, Joined):
        for inner in one.inner:
            yield from operands(inner, words, points, turned=turned)
    elif isinstance(one, ScoreCondition):
        yield from _behind(one.score, words)
        what = f"score {one.score}"
        yield _compared(one, what, words.score(one.score), points, turned=turned)
    elif isinstance(one, SignalCondition):
        what, value = words.what(one.signal), words.signal(one.signal)
        unit, newest = words.scope.spoken[one.signal].unit, words.newest(one.signal)
        made = _compared(one, what, value, points, turned=turned, unit=unit, **newest)
        yield msgspec.structs.replace(made, value=words.shown(one.signal))
    elif isinstance(one, TraitCondition):
        yield _compared(one, one.trait, words.trait(one.trait), points, turned=turned)
    elif isinstance(one, RuleCondition):
        yield from _of_rule(one, words, points, turned=turned)
    elif isinstance(one, Derived):
        yield _derived(one, words, points, turned=turned)
    else:
        assert_never(one)


def spelled(
    condition: Condition, told: Callable[[Operand], str], words: Words, *, turned: bool = False
) -> str:
    """Return what a condition itself looks at, each part `told`, with `and` and `or` as it joins them.

    What is behind a score or another rule is left out.
    """
    one = cast("Conditions", condition)
    if isinstance(one, Not):
        return spelled(one.inner, told, words, turned=not turned)
    if not isinstance(one, Joined):
        return told(*itself(one, words, turned=turned))
    each = [spelled(part, told, words, turned=turned) for part in one.inner]
    several = [isinstance(part, Joined) and len(one.inner) > 1 for part in one.inner]
    marked = [f"({part})" if group else part for part, group in zip(each, several, strict=True)]
    return (" and " if one.every is not turned else " or ").join(marked)


def once(found: Iterable[Operand]) -> list[Operand]:
    """Return each operand once: a score may stand in several conditions."""
    return list({msgspec.json.encode(one): one for one in found}.values())


def tested(one: Operand) -> str:
    """Return what an operand was held against, in plain words."""
    return compared(one.test, one.threshold, one.unit)


def itself(condition: Condition, words: Words, *, turned: bool = False) -> Iterator[Operand]:
    """Yield what a condition itself looks at, and nothing of what is behind a score or another rule."""
    one = cast("Conditions", condition)
    if isinstance(one, Not):
        yield from itself(one.inner, words, turned=not turned)
    elif isinstance(one, Joined):
        for inner in one.inner:
            yield from itself(inner, words, turned=turned)
    else:
        *_, leaf = operands(one, words, turned=turned)
        yield leaf


def _derived(condition: Derived, words: Words, points: float | None, *, turned: bool) -> Operand:
    value = words.derived(condition)
    made = _compared(condition, words.told(condition), value, points, turned=turned, unit=condition.unit)
    return msgspec.structs.replace(made, value=words.shown_of(condition))


def _compared(
    condition: Any,
    what: str,
    value: Scalar,
    points: float | None,
    *,
    turned: bool,
    unit: Unit | None = None,
    **newest: Any,
) -> Operand:
    met = condition.holds(value) is not turned
    threshold = condition.threshold
    return Operand(
        words=what,
        value=value,
        test=condition.opposite_words if turned else condition.test_words,
        threshold=[*threshold[:CHOICES_SHOWN]] if isinstance(threshold, tuple) else scalar(threshold),
        met=met,
        points=points,
        unit=unit,
        **newest,
    )


def _of_rule(
    condition: RuleCondition, words: Words, points: float | None, *, turned: bool
) -> Iterator[Operand]:
    other, scope = words.scope.book.rules[condition.rule]
    if condition.fired_within is None:
        yield from operands(other.when, words.of(scope), turned=turned)
        found, at = words.holds(condition.rule), None
    else:
        at = words.fired(condition.rule)
        found = words.passed(at) < condition.within_ms
    yield Operand(
        words=condition.words,
        value=found,
        test="is",
        threshold=not turned,
        met=found is not turned,
        points=points,
        at=at if found else None,
    )


def _behind(score: str, words: Words) -> Iterator[Operand]:
    for part in words.scope.scores[score].parts:
        yield from of_part(part, words)


def of_part(one: Part, words: Words) -> Iterator[Operand]:
    """Yield what a part of a score looks at, with the points that it gives or would give."""
    part = cast("Parts", one)
    if isinstance(part, Points):
        yield from operands(part.when, words, part.points)
    elif isinstance(part, Per):
        value = words.signal(part.per)
        given = part.given(value)
        each = f"{said(part.points)} {'point' if abs(part.points) == 1 else 'points'} each, up to"
        what, newest = words.what(part.per), words.newest(part.per)
        yield Operand(what, words.shown(part.per), each, part.up_to, met=given != 0, points=given, **newest)
    elif isinstance(part, Bands):
        yield _of_bands(part, words)
    elif isinstance(part, Weighted):
        yield from _behind(part.score, words)
        value = words.score(part.score)
        given = value * part.weight
        yield Operand(f"score {part.score}", value, "times", part.weight, met=given != 0, points=given)
    else:
        assert_never(part)


def _of_bands(part: Bands, words: Words) -> Operand:
    """The band reached, or the first if none is."""
    if part.signal is not None:
        what, value, newest = words.what(part.signal), words.signal(part.signal), words.newest(part.signal)
    else:
        trait = part.trait or ""
        what, value, newest = trait, words.trait(trait), {}
    told = value if part.signal is None else words.shown(part.signal)
    reached = part.reached(value)
    bound = part.bounds[0] if reached is None else reached
    points = part.bands[bound]
    return Operand(what, told, "at least", bound, met=reached is not None, points=points, **newest)
