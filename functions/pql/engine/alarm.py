"""When time alone may make a rule fire: the moments an account must be woken at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pql.core.lead import Scalar
from pql.core.window import NEVER, Window
from pql.engine.scope import FileScope, Ruled
from pql.engine.slots import FlagSlot, RuleSlot, ScoreSlot, SignalSlot
from pql.engine.verdict import function
from pql.rules.comparison import LOWER, ORDERED, UPPER
from pql.rules.conditions import (
    All,
    Condition,
    Joined,
    Not,
    RuleCondition,
    ScoreCondition,
    SignalCondition,
    TraitCondition,
)
from pql.rules.parts import Part, Weighted
from pql.rules.signals.elapsed import Elapsed

Alarm = Callable[[list[Scalar], int], int]
May = Callable[[list[Scalar]], bool]
# What more of something helps to hold; `exists: false` is left out where it is asked.
_HELPED = (*LOWER, "exists")


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


class Falling(NamedTuple):
    """Signals by whose fall a rule may begin to hold, by place and window.

    `may` says of the values whether it can: None if nobody knows.
    """

    may: May | None
    windows: tuple[tuple[int, Window], ...]


def falling(
    rules: Sequence[RuleSlot],
    derived: Sequence[ScoreSlot | FlagSlot],
    signals: Sequence[SignalSlot],
    constants: Mapping[str, Any],
) -> tuple[Falling, ...]:
    """Return what can make a rule true by what leaves its window.

    A rule of nothing but lower bounds can only cease to hold that way, unless something bars it; and so with
    the lower bounds among what must hold together: once one of them fails, the rule waits for an event. Where
    it has an exit both must be seen together, while they last.
    """
    places: dict[str, set[int]] = {}
    for rule in rules:
        openings = list(_openings(rule.rule.when, rule.scope))
        if rule.unless or rule.until or _returns(rule, openings):
            places.setdefault("", set()).update(rule.reads)
            continue
        for condition in openings:
            reading = rule.scope.reading()
            condition.source(reading)
            places.setdefault(_possible(rule, openings), set()).update(reading.read())
    found = []
    for may, read in places.items():
        for slot in reversed(derived):
            if slot.place in read:
                read.update(slot.reads)
        windows = tuple(
            (slot.place, window)
            for slot in signals
            if slot.place in read and (window := slot.signal.window) is not None
        )
        if windows:
            made: May | None = function("may(v)", [f"return {may}"], constants) if may else None
            found.append(Falling(made, windows))
    return tuple(found)


def _returns(rule: RuleSlot, openings: Sequence[Condition]) -> bool:
    """Return whether time alone may let a rule make another lead while it goes on to hold.

    What leaves a window is new evidence only if it was negative.
    """
    again = rule.rule.requalify
    if again is None or again.signal is None:
        return bool(openings) and again is not None
    signal = rule.scope.signals[again.signal].signal
    return bool(openings) or not (signal.window is None or signal.only_shrinks)


def _possible(rule: RuleSlot, openings: Sequence[Condition]) -> str:
    """Return whether time alone may make the rule true before the next event, as an expression.

    It may not while a lower bound fails that must hold as well: what is counted can only become less. Nor
    while all upper bounds hold already. Empty if that cannot be told by counts alone.
    """
    reading = rule.scope.reading()
    bounds = [one for one in _together(rule.rule.when) if _is_count(one, rule.scope)]
    sources = [one.source(reading) for one in bounds if _lasts(one, rule.scope)]
    if all(_is_upper(one, rule.scope) for one in openings):
        sources.append(f"not ({' and '.join(one.source(reading) for one in openings)})")
    return " and ".join(sources)


def _together(condition: Condition) -> Iterator[Condition]:
    """Yield all that must hold together."""
    if isinstance(condition, All):
        for one in condition.inner:
            yield from _together(one)
    else:
        yield condition


def _is_upper(condition: Condition, scope: FileScope) -> bool:
    """Return whether a condition holds a count below a bound: less of it can never end that."""
    if isinstance(condition, Not):
        return _is_count(condition.inner, scope) and _rises(condition.inner, scope)
    return _is_count(condition, scope) and getattr(condition, "operator", "") in UPPER


def _is_count(condition: Condition, scope: FileScope) -> bool:
    """Return whether a condition holds a number against a bound that passing time can only make less."""
    if not isinstance(condition, SignalCondition) or condition.operator not in ORDERED:
        return False
    signal = scope.signals[condition.signal].signal
    return signal.is_number and not signal.is_timed and _shrinks(condition, scope)


def _openings(condition: Condition, scope: FileScope) -> Iterator[Condition]:
    """Yield what less of something can help to hold, of all that must hold together."""
    return (one for one in _together(condition) if not _lasts(one, scope))


def _lasts(condition: Condition, scope: FileScope) -> bool:
    """Return whether passing time can only end a condition, but for what an alarm of its own tells of.

    What grows by time and then leaves a window may end unseen where it stands alone: nothing else makes the
    rule hold meanwhile. As one of several it may not, or another would come true and find the rule holding.
    """
    if (
        isinstance(condition, SignalCondition)
        and condition.operator in _HELPED
        and condition.exists is not False
    ):
        signal = scope.signals[condition.signal].signal
        return signal.window is None or signal.only_shrinks
    return _rises(condition, scope)


def _looked_at(rule: RuleSlot | Ruled) -> Iterator[tuple[FileScope, Condition | Part]]:
    """Yield what the rule looks at, through scores, other rules and what suppresses it."""
    for asked in (rule.rule.when, rule.rule.until, rule.rule.unless):
        if asked is not None:
            yield from rule.scope.through(asked)
    for _, scope, conditions in rule.scope.book.suppressing:
        for condition in conditions:
            yield from scope.through(condition)


def _rises(condition: Condition, scope: FileScope) -> bool:
    """Return whether more of anything can only help the condition to hold."""
    if isinstance(condition, Joined):
        return all(_rises(one, scope) for one in condition.inner)
    if isinstance(condition, SignalCondition):
        return condition.operator in _HELPED and condition.exists is not False and _shrinks(condition, scope)
    if isinstance(condition, ScoreCondition):
        return condition.operator in _HELPED and _grows(condition.score, scope)
    if isinstance(condition, RuleCondition) and condition.fired_within is None:
        other = scope.book.rules[condition.rule]
        return _rises(other.rule.when, other.scope)
    # Whether another rule has fired time alone may change: what it does is the alarm's.
    return isinstance(condition, TraitCondition)


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
    return all(
        not signal.is_timed
        if signal.window is None
        else signal.only_shrinks and not isinstance(signal, Elapsed)
        for signal in signals
    )
