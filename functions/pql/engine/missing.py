"""What is missing of a way in which a condition can hold, for one account at one moment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from pql.core.lead import Scalar, Unit
from pql.core.plain_words import calendar, compared, demanded, measured, times
from pql.core.window import duration
from pql.engine.demand import Demand
from pql.engine.outlook import Outlook
from pql.engine.points_missing import PointsMissing
from pql.engine.wants import Want, ahead, missing, now_words, soon, span
from pql.engine.ways import Way
from pql.engine.words import Words
from pql.rules.comparison import LOWER, ORDERED, is_number
from pql.rules.conditions import (
    Derived,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
    TraitCondition,
)
from pql.rules.dates import date_in


class Missing:
    """Works out what an account still wants; `outlook` says what time alone brings and takes."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._now = outlook.now
        self._points = PointsMissing(self.of_way, self.more)

    def of_way(self, way: Way, limit: int | None = None) -> list[Want]:
        """Return what is missing of a way, value by value, in the order of the rule.

        What is to be counted is to be counted while all that the way has already still counts, and
        before `limit` (epoch ms).
        """
        limit = _soonest(limit, self._ceases(way))
        return [want for same in way.unmet() for want in self._of_value(same, limit)]

    def _ceases(self, way: Way) -> int | None:
        """Return the first moment at which less of a way holds than does now, if nothing more happens."""
        if not way.demands:
            return None
        return self._outlook.first(
            way.demands[0].words, lambda then: any(one.ceases(then) for one in way.demands)
        )

    def _of_value(self, same: Sequence[Demand], limit: int | None) -> Iterator[Want]:
        """Yield what is missing where several comparisons may look at one value."""
        first = same[0]
        if first.is_counting and isinstance(first.leaf, SignalCondition):
            target = _target(same)
            if target is not None and target > first.value:
                yield self.more(first.leaf.signal, first.words, target - first.value, limit)
                return
        for one in _strictest(same):
            yield self._of(one, limit)

    def _of(self, one: Demand, limit: int | None) -> Want:
        leaf = one.leaf
        at = self._outlook.first(one.words, lambda words: one.at(words).met)
        what, of = _what(one)
        if isinstance(leaf, RuleCondition):
            if at is not None:
                return Want("wait", f"{leaf.words}: no longer so {ahead(at, self._now)}", of, at=at)
            return Want("lead", f"a {leaf.words}", of, until=limit)
        value: Any = one.value
        test = _test(one)
        if at is not None:
            return Want("wait", f"{what}: {test} by itself {ahead(at, self._now)}", of, value, at=at)
        if isinstance(leaf, ScoreCondition) and one.operator in LOWER:
            return self._points.want(leaf.score, one, limit)
        remedy = leaf.remedy(value) if isinstance(leaf, Derived) else ""
        if remedy:
            return Want("change", remedy, of, value, until=limit)
        by = missing(value, one.bound)
        if by is None or one.operator not in ORDERED:
            signal = one.words.scope.spoken[leaf.signal] if isinstance(leaf, SignalCondition) else None
            now = now_words(_shown(one), signal)
            return Want("change", f"{what} {demanded(test, 'to')} ({now})", of, value, until=limit)
        if one.operator in LOWER:
            words = f"{what} to rise from {measured(_shown(one), _unit(one))} to {test}"
            return Want("rise", words, of, value, by, limit)
        possible = not (one.is_counting and _is_for_ever(one))
        never = "" if possible else ", and what was counted stays counted"
        words = f"{what} to fall from {measured(_shown(one), _unit(one))} to {test}{never}"
        return Want("fall", words, of, value, abs(by), limit, possible=possible)

    def more(self, signal: str, words: Words, amount: float, limit: int | None) -> Want:
        """Return that so many more are to be counted, before `limit` (epoch ms) if there is one."""
        kind = words.scope.spoken[signal]
        value: Any = words.signal(signal)
        begun = words.begun(signal)
        if begun is not None:
            rest, end = begun
            limit = _soonest(limit, end)
        window = duration(kind.lasts) if kind.lasts else None
        told = times(amount, words.called(signal), more=bool(value))
        if limit is not None and (value or begun or window is None or limit - self._now < window):
            told += f" {soon(limit, self._now)}"
        elif window is not None and not value and amount > 1:  # one alone lies within any
            told += f" within {span(window)}"
        if begun is not None:
            told += f" (begun already: {rest} completes it)"
        if kind.dated_by is not None:
            told += _from(kind.dated_by, words.trait(kind.dated_by), self._now)
        return Want("more", told, signal, value, amount, limit)


def _from(trait: str, value: Scalar, now: int) -> str:
    """Return from when on something counts whose beginning a trait holds; nothing if it does already."""
    begins = date_in(value)
    if begins is None:
        return f", once {trait} is a date ({now_words(value)})"
    return f", from {calendar(begins)} on" if begins > now else ""


def _soonest(*moments: int | None) -> int | None:
    return min((one for one in moments if one is not None), default=None)


def _target(same: Sequence[Demand]) -> int | None:
    """Return the nearest whole number that passes all of the comparisons; the larger of two as near."""
    value = same[0].value
    told = [one for each in same for one in (each.bound if isinstance(each.bound, tuple) else (each.bound,))]
    numbers = [one for one in told if is_number(one)]
    near = {math.floor(one) + step for one in numbers for step in (-1, 0, 1, 2)}
    fitting = [
        one
        for one in near
        if one >= 0 and all(other.leaf.holds(one) is not other.turned for other in same)  # type: ignore[attr-defined] # counting signals are compared
    ]
    return min(fitting, key=lambda one: (abs(one - value), -one), default=None)


def _strictest(same: Sequence[Demand]) -> list[Demand]:
    """Return the comparisons that do not hold, of those in one direction the one that asks for most."""
    open_ones = [one for one in same if not one.met]
    kept: dict[Any, Demand] = {}
    for one in open_ones:
        direction = one.operator and ("up" if one.operator in LOWER else "down")
        key: Any = direction or repr((one.leaf, one.turned))
        known: Any = kept[key].bound if key in kept else None
        more = direction == "up" and key in kept and one.bound > known
        if key not in kept or more or (direction == "down" and one.bound < known):
            kept[key] = one
    return list(kept.values())


def _test(one: Demand) -> str:
    """Return what the value is held against: `at least 3`, `is one of trial, free`."""
    bound = [*one.bound] if isinstance(one.bound, tuple) else one.bound
    return compared(one.test_words, bound, _unit(one))


def _unit(one: Demand) -> Unit | None:
    """Return what the value is measured in."""
    if isinstance(one.leaf, SignalCondition):
        return one.words.scope.spoken[one.leaf.signal].unit
    return one.leaf.unit if isinstance(one.leaf, Derived) else None


def _shown(one: Demand) -> Scalar:
    """Return what is compared as people are shown it."""
    if isinstance(one.leaf, SignalCondition):
        return one.words.shown(one.leaf.signal)
    value: Scalar = one.value
    return one.words.shown_of(one.leaf) if value is None and isinstance(one.leaf, Derived) else value


def _is_for_ever(one: Demand) -> bool:
    leaf = one.leaf
    if not isinstance(leaf, SignalCondition):
        return False
    signal = one.words.scope.signals[leaf.signal].signal
    return signal.window is None and not signal.is_timed


def _what(one: Demand) -> tuple[str, str]:
    """Return what is compared, in plain words and by its name."""
    leaf = one.leaf
    if isinstance(leaf, SignalCondition):
        return one.words.scope.spoken[leaf.signal].words, leaf.signal
    if isinstance(leaf, ScoreCondition):
        return f"score {leaf.score}", leaf.score
    if isinstance(leaf, TraitCondition):
        return leaf.trait, leaf.trait
    named = next(iter(leaf.named()), None)
    name = named.name if named is not None else ""
    return (one.words.told(leaf) if isinstance(leaf, Derived) else name), name
