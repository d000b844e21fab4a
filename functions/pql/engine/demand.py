"""One comparison that must hold, as it stands for one account at one moment."""

from __future__ import annotations

import functools
from typing import Any, assert_never, cast

from pql.engine.words import Words
from pql.rules import logic
from pql.rules.comparison import LOWER, UPPER, NumberComparison, is_number
from pql.rules.conditions import (
    Condition,
    Derived,
    Joined,
    Kinds,
    Not,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
    TraitCondition,
)
from pql.rules.names import folded

_OPPOSITE = {
    "at_least": "less_than",
    "more_than": "at_most",
    "at_most": "more_than",
    "less_than": "at_least",
}
# Ending what goes on is harder than going on: a way that asks for it counts as farther.
_HARDER = 0.5
_ALMOST = 0.99


class Demand:
    """One comparison, or `turned` its opposite, by the names and at the moment of `words`."""

    def __init__(self, leaf: Condition, words: Words, *, turned: bool) -> None:
        self.leaf = leaf
        self.words = words
        self.turned = turned

    def at(self, words: Words) -> Demand:
        """Return the same at another moment, by the names of the same file."""
        return Demand(self.leaf, words.of(self.words.scope), turned=self.turned)

    @functools.cached_property
    def met(self) -> bool:
        """Return whether it holds."""
        return holds(self.leaf, self.words) is not self.turned

    @functools.cached_property
    def value(self) -> Any:
        """Return what is compared."""
        return value_of(self.leaf, self.words)

    @functools.cached_property
    def _start(self) -> Demand:
        """Return it as it stands for an account of which nothing is known."""
        return Demand(self.leaf, self.words.untouched, turned=self.turned)

    @property
    def bound(self) -> Any:
        """Return what the value is held against, None for what is no comparison."""
        return getattr(self.leaf, "threshold", None)

    @functools.cached_property
    def operator(self) -> str:
        """Return the operator that must hold, empty for what is not an order of numbers."""
        name = self.leaf.operator if isinstance(self.leaf, NumberComparison) else ""
        if name not in _OPPOSITE:
            return ""
        return _OPPOSITE[name] if self.turned else name

    @property
    def test_words(self) -> str:
        """Return the comparison that must hold, in plain words."""
        leaf: Any = self.leaf
        words: str = leaf.opposite_words if self.turned else leaf.test_words
        return words

    @property
    def is_counting(self) -> bool:
        """Return whether a signal is compared that counts one by one."""
        leaf = self.leaf
        return isinstance(leaf, SignalCondition) and self.words.scope.signals[leaf.signal].signal.counts

    @functools.cached_property
    def subject(self) -> tuple[str, Any]:
        """Return what is the same for comparisons of the same value."""
        leaf, scope = self.leaf, self.words.scope
        if isinstance(leaf, SignalCondition):
            return "signal", scope.signals[leaf.signal].place
        if isinstance(leaf, ScoreCondition):
            return "score", scope.score_places[leaf.score]
        if isinstance(leaf, TraitCondition):
            return "trait", folded(leaf.trait)
        if isinstance(leaf, Derived):
            return "derived", (*leaf.axis, id(scope))
        return "other", (repr(leaf), id(scope))

    def is_same(self, other: Demand) -> bool:
        """Return whether both ask for the same."""
        return (self.subject, self.turned, self.leaf) == (other.subject, other.turned, other.leaf)

    @property
    def is_given(self) -> bool:
        """Return whether it holds as it does for everybody, so that nobody has come nearer by it."""
        return self.met and self._start.met

    @functools.cached_property
    def nearness(self) -> float:
        """Return how near it is to holding, from 0 as at the start to 1, and 1 only if it holds."""
        if self.met:
            return 1.0
        value, bound = self.value, self.bound
        if not is_number(value) or not is_number(bound):
            return 0.0
        start = self._start.value
        began = float(start) if is_number(start) else 0.0
        if self.operator in LOWER and began < bound:
            return float(max(0.0, min(_ALMOST, (value - began) / (bound - began))))
        if value <= 0 or bound <= 0:
            return 0.0
        if self.operator in UPPER:
            return float(_HARDER * min(_ALMOST, bound / value))
        if isinstance(self.leaf, Derived):
            return float(min(_ALMOST, min(value, bound) / max(value, bound)))
        return 0.0

    def ceases(self, words: Words) -> bool:
        """Return whether less of it holds at the moment of `words` than now: it, or what counts of it."""
        leaf = self.leaf
        if isinstance(leaf, TraitCondition):
            return False
        then = self.at(words)
        if self.met:
            return not then.met
        # What is to be a certain number of things done is reached by more of them, too.
        counted = self.is_counting and not self.operator
        if not (self.operator in LOWER or counted) or not is_number(self.value):
            return False
        # What is another number tomorrow, whatever happens, is no stock that could be added to.
        if isinstance(leaf, SignalCondition) and self.words.scope.signals[leaf.signal].signal.is_timed:
            return False
        return not is_number(then.value) or then.value < self.value

    @functools.cached_property
    def plain(self) -> logic.Literal:
        """Return it without the account: what can be true of it at all."""
        leaf = self.leaf
        return logic.Literal((), repr(self.subject), self._domain(), leaf, logic.test_of(leaf), self.turned)

    def _domain(self) -> logic.Domain:
        if isinstance(self.leaf, SignalCondition):
            return logic.domain(self.words.scope.signals[self.leaf.signal].signal)
        return logic.Domain(numbers=isinstance(self.leaf, ScoreCondition))


def holds(condition: Condition, words: Words) -> bool:
    """Return whether a condition holds, looked at part by part."""
    if isinstance(condition, Not):
        return not holds(condition.inner, words)
    if isinstance(condition, Joined):
        found = (holds(one, words) for one in condition.inner)
        return all(found) if condition.every else any(found)
    if isinstance(condition, RuleCondition):
        if condition.fired_within is not None:
            return words.passed(words.fired(condition.rule)) < condition.within_ms
        other, scope = words.scope.book.rules[condition.rule]
        return holds(other.when, words.of(scope))
    compared: Any = condition
    return bool(compared.holds(value_of(condition, words)))


def value_of(leaf: Condition, words: Words) -> Any:
    """Return what a comparison looks at; a lead by another rule is no value."""
    one = cast("Kinds", leaf)
    if isinstance(one, SignalCondition):
        return words.signal(one.signal)
    if isinstance(one, ScoreCondition):
        return words.score(one.score)
    if isinstance(one, TraitCondition):
        return words.trait(one.trait)
    if isinstance(one, Derived):
        return words.derived(one)
    if isinstance(one, (Joined, Not, RuleCondition)):
        return None
    assert_never(one)
