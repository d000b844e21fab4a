"""One comparison of a condition, as it stands for one account at one moment."""

from __future__ import annotations

from typing import Any, NamedTuple

from pql.engine.operands import Words
from pql.rules import logic
from pql.rules.comparison import NUMBERS, NumberComparison
from pql.rules.conditions import (
    All,
    Condition,
    Derived,
    Not,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
    TraitCondition,
)
from pql.rules.conditions import Any as AnyOf
from pql.rules.lint import COUNTING
from pql.rules.names import folded

RISING = frozenset({"at_least", "more_than"})
FALLING = frozenset({"at_most", "less_than"})
_OPPOSITE = {
    "at_least": "less_than",
    "more_than": "at_most",
    "at_most": "more_than",
    "less_than": "at_least",
}
# Ending what goes on is harder than going on: a way that asks for it counts as farther.
_HARDER = 0.5
_ALMOST = 0.99


class Literal(NamedTuple):
    """One comparison, or `turned` its opposite, by the names and at the moment of `words`."""

    leaf: Condition
    words: Words
    turned: bool

    @property
    def met(self) -> bool:
        """Return whether it holds."""
        return holds(self.leaf, self.words) is not self.turned

    @property
    def value(self) -> Any:
        """Return what is compared."""
        return value_of(self.leaf, self.words)

    @property
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
        return isinstance(leaf, SignalCondition) and _kind(leaf, self.words) in COUNTING

    @property
    def subject(self) -> tuple[str, Any]:
        """Return what is the same for comparisons of the same value."""
        leaf, scope = self.leaf, self.words.scope
        if isinstance(leaf, SignalCondition):
            return "signal", scope.signals[leaf.signal].place
        if isinstance(leaf, ScoreCondition):
            return "score", scope.score_places[leaf.score]
        if isinstance(leaf, TraitCondition):
            return "trait", folded(leaf.trait)
        return "other", (repr(leaf), id(scope))

    @property
    def nearness(self) -> float:
        """Return how near it is to holding, from 0 to 1, and 1 only if it holds."""
        if self.met:
            return 1.0
        value: Any = self.value
        bound: Any = getattr(self.leaf, "threshold", None)
        if not is_number(value) or not is_number(bound) or value <= 0 or bound <= 0:
            return 0.0
        if self.operator in FALLING:
            return float(_HARDER * min(_ALMOST, bound / value))
        if self.operator in RISING or isinstance(self.leaf, Derived):
            return float(min(_ALMOST, min(value, bound) / max(value, bound)))
        return 0.0

    def plain(self) -> logic.Literal:
        """Return it without the account: what can be true of it at all."""
        leaf = self.leaf
        test = leaf.test() if isinstance(leaf, NumberComparison) else _is_true
        return logic.Literal((), repr(self.subject), self._domain(), leaf, test, self.turned)

    def _domain(self) -> logic.Domain:
        if isinstance(self.leaf, SignalCondition):
            signal = self.words.scope.signals[self.leaf.signal].signal
            if self.is_counting:
                most = signal.reach
                return logic.Domain(
                    numbers=True, whole=True, least=0, most=float("inf") if most is None else most
                )
            return logic.Domain(numbers=signal.is_number)
        return logic.Domain(numbers=isinstance(self.leaf, ScoreCondition))


def holds(condition: Condition, words: Words) -> bool:
    """Return whether a condition holds, looked at part by part."""
    if isinstance(condition, Not):
        return not holds(condition.inner, words)
    if isinstance(condition, All):
        return all(holds(one, words) for one in condition.all)
    if isinstance(condition, AnyOf):
        return any(holds(one, words) for one in condition.any)
    if isinstance(condition, RuleCondition):
        if condition.fired_within is not None:
            return words.passed(words.fired(condition.rule)) < condition.within_ms
        other, scope = words.scope.book.rules[condition.rule]
        return holds(other.when, words.of(scope))
    compared: Any = condition
    return bool(compared.holds(value_of(condition, words)))


def value_of(leaf: Condition, words: Words) -> Any:
    """Return what a comparison looks at."""
    if isinstance(leaf, SignalCondition):
        return words.signal(leaf.signal)
    if isinstance(leaf, ScoreCondition):
        return words.score(leaf.score)
    if isinstance(leaf, TraitCondition):
        return words.trait(leaf.trait)
    return words.derived(leaf) if isinstance(leaf, Derived) else None


def is_number(value: Any) -> bool:
    """Return whether `value` is one that conditions take for a number."""
    kind = value.__class__
    return kind in NUMBERS


def _kind(leaf: SignalCondition, words: Words) -> str:
    kind: str = getattr(words.scope.signals[leaf.signal].signal, "kind", "")
    return kind


def _is_true(value: Any) -> bool:
    return value is True
