"""What is missing of a way in which a condition can hold, for one account at one moment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from pql.core.plain_words import compared, number, said
from pql.engine.literal import FALLING, RISING, Literal, is_number
from pql.engine.operands import Words
from pql.engine.outlook import Outlook
from pql.engine.points_missing import PointsMissing
from pql.engine.wants import Want, ahead, missing, more, must, noun, now_words, span
from pql.engine.ways import Way, unmet
from pql.rules.conditions import (
    Derived,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
    TraitCondition,
)


class Missing:
    """Works out what an account still wants; `outlook` says what time alone brings."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._now = outlook.now
        self._points = PointsMissing(self.of_way, self.more)

    def of_way(self, way: Way) -> list[Want]:
        """Return what is missing of a way, value by value, in the order of the rule."""
        return [want for same in unmet(way) for want in self._of_value(same)]

    def _of_value(self, same: Sequence[Literal]) -> Iterator[Want]:
        """Yield what is missing where several comparisons may look at one value."""
        first = same[0]
        if first.is_counting and isinstance(first.leaf, SignalCondition):
            target = _target(same)
            if target is not None and target > first.value:
                yield self.more(first.leaf.signal, first.words, target - first.value)
                return
        for one in _strictest(same):
            yield self._of(one)

    def _of(self, one: Literal) -> Want:
        leaf = one.leaf
        at = self._outlook.first(one.words, lambda words: one._replace(words=words).met)
        what, of = _what(one)
        if isinstance(leaf, RuleCondition):
            if at is not None:
                return Want("wait", f"{leaf.words}: no longer so {ahead(at, self._now)}", of, at=at)
            return Want("lead", f"a {leaf.words}", of)
        value: Any = one.value
        test = _test(one)
        if at is not None:
            return Want("wait", f"{what}: {test} by itself {ahead(at, self._now)}", of, value, at=at)
        if isinstance(leaf, ScoreCondition) and one.operator in RISING:
            return self._points.want(leaf.score, one)
        by = missing(value, getattr(leaf, "threshold", None))
        if by is None or one.operator not in RISING | FALLING:
            slot = one.words.scope.signals[leaf.signal] if isinstance(leaf, SignalCondition) else None
            now = now_words(value, slot and slot.signal)
            return Want("change", f"{what} {must(test)} ({now})", of, value)
        if one.operator in RISING:
            return Want("rise", f"{what} must rise from {said(value)} to {test}", of, value, by)
        possible = not (one.is_counting and _is_for_ever(one))
        never = "" if possible else ", and what was counted stays counted"
        words = f"{what} must fall from {said(value)} to {test}{never}"
        return Want("fall", words, of, value, abs(by), possible=possible)

    def more(self, signal: str, words: Words, amount: float) -> Want:
        """Return that so many more are to be counted, while what counts now still counts."""
        kind = words.scope.signals[signal].signal
        value: Any = words.signal(signal)
        what = noun(kind)
        if not value:
            within = f" within {span_of(kind.lasts)}" if kind.lasts else ""
            return Want("more", f"{number(amount)} {what}{within}", signal, value, amount)
        until = None
        if kind.window is not None and not kind.is_timed:
            until = self._outlook.first(words, lambda then: then.signal(signal) < value)
        soon = "" if until is None else f" in the next {span(until - self._now)}"
        return Want("more", more(amount, what) + soon, signal, value, amount, until)


def span_of(within: str) -> str:
    """Return a window as a length of time."""
    count, unit = int(within[:-1]), {"m": "minute", "h": "hour", "d": "day"}[within[-1]]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _target(same: Sequence[Literal]) -> int | None:
    """Return the nearest whole number that passes all of the comparisons; the larger of two as near."""
    value = same[0].value
    bounds = [one.leaf.threshold for one in same]  # type: ignore[attr-defined] # counting signals are compared
    told = [one for bound in bounds for one in (bound if isinstance(bound, tuple) else (bound,))]
    numbers = [one for one in told if is_number(one)]
    near = {math.floor(one) + step for one in numbers for step in (-1, 0, 1, 2)}
    fitting = [
        one
        for one in near
        if one >= 0 and all(other.leaf.holds(one) is not other.turned for other in same)  # type: ignore[attr-defined] # same
    ]
    return min(fitting, key=lambda one: (abs(one - value), -one), default=None)


def _strictest(same: Sequence[Literal]) -> list[Literal]:
    """Return the comparisons that do not hold, of those in one direction the one that asks for most."""
    open_ones = [one for one in same if not one.met]
    kept: dict[Any, Literal] = {}
    for one in open_ones:
        bound: Any = getattr(one.leaf, "threshold", None)
        direction = one.operator and ("up" if one.operator in RISING else "down")
        key: Any = direction or repr((one.leaf, one.turned))
        known: Any = getattr(kept[key].leaf, "threshold", None) if key in kept else None
        if key not in kept or (bound > known if direction == "up" else direction == "down" and bound < known):
            kept[key] = one
    return list(kept.values())


def _test(one: Literal) -> str:
    """Return what the value is held against: `at least 3`, `is one of trial, free`."""
    bound: Any = getattr(one.leaf, "threshold", None)
    return compared(one.test_words, [*bound] if isinstance(bound, tuple) else bound)


def _is_for_ever(one: Literal) -> bool:
    leaf = one.leaf
    if not isinstance(leaf, SignalCondition):
        return False
    signal = one.words.scope.signals[leaf.signal].signal
    return signal.window is None and not signal.is_timed


def _what(one: Literal) -> tuple[str, str]:
    """Return what is compared, in plain words and by its name."""
    leaf = one.leaf
    if isinstance(leaf, SignalCondition):
        return one.words.scope.signals[leaf.signal].signal.words, leaf.signal
    if isinstance(leaf, ScoreCondition):
        return f"score {leaf.score}", leaf.score
    if isinstance(leaf, TraitCondition):
        return leaf.trait, leaf.trait
    named = next(iter(leaf.named()), None)
    name = named.name if named is not None else ""
    return (leaf.words if isinstance(leaf, Derived) else name), name
