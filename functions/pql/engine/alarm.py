"""When time alone may make a rule fire: the moments an account must be woken at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pql.core.lead import Scalar
from pql.core.window import NEVER, Window
from pql.engine.scope import FileScope, Ruled
from pql.engine.slots import FlagSlot, RuleSlot, ScoreSlot, SignalSlot
from pql.engine.verdict import function
from pql.rules.conditions import (
    All,
    Condition,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
    TraitCondition,
)
from pql.rules.conditions import Any as AnyOf
from pql.rules.parts import Part, Weighted

Alarm = Callable[[list[Scalar], int], int]
RISING = ("at_least", "more_than", "exists")


def alarm(
    rules: Sequence[RuleSlot | Ruled], constants: Mapping[str, Any]
) -> tuple[Alarm | None, frozenset[int]]:
    """Return the function of (values, now) for the next moment a timed condition may change its answer.

    None if no rule has one. Beside it stand the places of the values it reads.
    """
    moments: dict[str, None] = {}
    reads: frozenset[int] = frozenset()
    for rule in rules:
        for scope, one in _looked_at(rule):
            reading = scope.reading()
            moments |= dict.fromkeys(one.wakes(reading))
            reads |= reading.read()
    if not moments:
        return None, reads
    names = {**constants, "least": min, "NEVER": NEVER}
    made: Alarm = function("alarm(v, now)", [f"return least(NEVER, {', '.join(moments)})"], names)
    return made, reads


def falling(
    rules: Sequence[RuleSlot], derived: Sequence[ScoreSlot | FlagSlot], signals: Sequence[SignalSlot]
) -> tuple[tuple[int, Window], ...]:
    """Return place and window of the signals that can make a rule true by what leaves their window.

    A rule of nothing but lower bounds can only cease to hold that way, unless something bars it. Where it has
    an exit both must be seen together, while they last.
    """
    places: set[int] = set()
    for rule in rules:
        if rule.unless or rule.until or not _rises(rule.rule.when, rule.scope):
            places |= rule.reads
    for slot in reversed(derived):
        if slot.place in places:
            places |= slot.reads
    return tuple(
        (slot.place, window)
        for slot in signals
        if slot.place in places and (window := slot.signal.window) is not None
    )


def _looked_at(rule: RuleSlot | Ruled) -> Iterator[tuple[FileScope, Condition | Part]]:
    """Yield what the rule looks at, through scores, other rules and what suppresses it."""
    for asked in (rule.rule.when, rule.rule.until, rule.rule.unless):
        if asked is not None:
            yield from rule.scope.through(asked)
    for _, scope, conditions in rule.scope.book.muted:
        for condition in conditions:
            yield from scope.through(condition)


def _rises(condition: Condition, scope: FileScope) -> bool:
    """Return whether more of anything can only help the condition to hold."""
    if isinstance(condition, (All, AnyOf)):
        return all(_rises(one, scope) for one in getattr(condition, condition.kind))
    if isinstance(condition, SignalCondition):
        return condition.operator in RISING and condition.exists is not False and _shrinks(condition, scope)
    if isinstance(condition, ScoreCondition):
        return condition.operator in RISING and _grows(condition.score, scope)
    if isinstance(condition, RuleCondition) and condition.fired_within is None:
        other = scope.book.rules[condition.rule]
        return _rises(other.rule.when, other.scope)
    return isinstance(condition, (RuleCondition, TraitCondition))


def _grows(score: str, scope: FileScope) -> bool:
    """Return whether more of anything can only raise the score."""
    for part in scope.scores[score].parts:
        if not part.is_rising or not _shrinks(part, scope):
            return False
        if not all(_rises(one, scope) for one in part.conditions()):
            return False
        if isinstance(part, Weighted) and not _grows(part.score, scope):
            return False
    return True


def _shrinks(element: Condition | Part, scope: FileScope) -> bool:
    """Return whether every signal named can only become less by the passing of time."""
    signals = [scope.signals[one.name].signal for one in element.named() if one.what == "signal"]
    return all(signal.window is None or signal.only_shrinks for signal in signals)
