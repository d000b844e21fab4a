"""What a rule looked at, operand by operand, with value, bound and points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pql.core.aggregates.evidence import EVENT_DIGITS
from pql.core.lead import Operand, Scalar
from pql.engine.account import Account
from pql.engine.scope import FileScope
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
from pql.rules.parts import Bands, Part, Per, Points, Weighted
from pql.rules.plain import plain
from pql.rules.properties import scalar
from pql.rules.rule import PLACEHOLDER

CHOICES_SHOWN = 20


class Words:
    """Values and templates of one account at one moment, by the names of one rule file."""

    def __init__(self, account: Account, scope: FileScope, account_id: str, now: int) -> None:
        self._account = account
        self.scope = scope
        self._id = account_id
        self._now = now

    def of(self, scope: FileScope) -> Words:
        """Return the same by the names of another file."""
        return Words(self._account, scope, self._id, self._now)

    def signal(self, name: str) -> Scalar:
        """Return a signal's value."""
        return self.scope.value(name, self._account.values, self._now)

    def score(self, name: str) -> float:
        """Return a score's points."""
        return self._account.score(self.scope.score_places[name])

    def trait(self, name: str) -> Scalar:
        """Return a trait."""
        return self._account.values[self.scope.trait_index(name)]

    def derived(self, condition: Derived) -> Scalar:
        """Return the number that a condition works out."""
        values = [
            self._account.values[self.scope.trait_index(one.name)]
            if one.what == "trait"
            else self.raw(condition, one.name)
            for one in condition.named()
        ]
        return condition.number(*values, self._now)

    def raw(self, condition: Derived, signal: str) -> Any:
        """Return what a condition takes of a signal: a forecast all its reports, others its value."""
        if condition.takes_held:
            return self._account.values[self.scope.signals[signal].place]
        return self.signal(signal)

    def holds(self, rule: str) -> bool:
        """Return whether a rule's condition holds."""
        return bool(self._account.values[self.scope.book.held[rule]])

    def fired(self, rule: str) -> int:
        """Return when a rule last made a lead, long ago if never."""
        return int(self._account.score(self.scope.book.fired[rule]))

    def passed(self, moment: int) -> int:
        """Return how long ago a moment is."""
        return self._now - moment

    def what(self, signal: str) -> str:
        """Return what a signal measures, and whether it is more than it can count."""
        slot = self.scope.signals[signal]
        held = self._account.aggregates[slot.place]
        floor = held is not None and slot.signal.is_floor(held)
        return f"{slot.signal.words} ({plain(self.signal(signal))} or more)" if floor else slot.signal.words

    def newest(self, signal: str) -> dict[str, Any]:
        """Return the newest event behind a signal, and when it was."""
        held = self._account.aggregates[self.scope.signals[signal].place]
        return {"event_id": held.event[:EVENT_DIGITS], "at": held.at} if held else {}

    def filled(self, template: str) -> str:
        """Return a template with its placeholders filled in."""
        return PLACEHOLDER.sub(lambda found: self._placeholder(found[1]), template)

    def _placeholder(self, name: str) -> str:
        if name == "account" or (name == "user" and name not in {*self.scope.signals, *self.scope.scores}):
            known = self._account.traits.get("name")
            return plain(known[2]) if known else self._id
        if name.startswith("traits."):
            return plain(self.trait(name.removeprefix("traits.")))
        if name in self.scope.signals:
            return plain(self.signal(name))
        if name in self.scope.scores:
            return plain(self.score(name))
        return plain(max((self.score(one) for one in self.scope.scores), default=0.0))


def operands(
    condition: Condition, words: Words, points: float | None = None, *, turned: bool = False
) -> Iterator[Operand]:
    """Yield what a condition looks at: what is behind a score or another rule, then that itself.

    `turned` conditions are to fail.
    """
    if isinstance(condition, Not):
        yield from operands(condition.inner, words, points, turned=not turned)
    elif isinstance(condition, (All, AnyOf)):
        for one in getattr(condition, condition.kind):
            yield from operands(one, words, points, turned=turned)
    elif isinstance(condition, ScoreCondition):
        yield from _behind(condition.score, words)
        what = f"score {condition.score}"
        yield _compared(condition, what, words.score(condition.score), points, turned=turned)
    elif isinstance(condition, SignalCondition):
        what, value = words.what(condition.signal), words.signal(condition.signal)
        newest = words.newest(condition.signal)
        yield _compared(condition, what, value, points, turned=turned, **newest)
    elif isinstance(condition, TraitCondition):
        yield _compared(condition, condition.trait, words.trait(condition.trait), points, turned=turned)
    elif isinstance(condition, RuleCondition):
        yield from _of_rule(condition, words, points, turned=turned)
    elif isinstance(condition, Derived):
        yield _compared(condition, condition.words, words.derived(condition), points, turned=turned)


def _compared(
    condition: Any, what: str, value: Scalar, points: float | None, *, turned: bool, **newest: Any
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
        yield from _of_part(part, words)


def _of_part(part: Part, words: Words) -> Iterator[Operand]:
    if isinstance(part, Points):
        yield from operands(part.when, words, part.points)
    elif isinstance(part, Per):
        value = words.signal(part.per)
        given = part.given(value)
        each = f"{plain(part.points)} {'point' if abs(part.points) == 1 else 'points'} each, up to"
        what, newest = words.what(part.per), words.newest(part.per)
        yield Operand(what, value, each, part.up_to, met=given != 0, points=given, **newest)
    elif isinstance(part, Bands):
        yield _of_bands(part, words)
    elif isinstance(part, Weighted):
        yield from _behind(part.score, words)
        value = words.score(part.score)
        given = value * part.weight
        yield Operand(f"score {part.score}", value, "times", part.weight, met=given != 0, points=given)


def _of_bands(part: Bands, words: Words) -> Operand:
    """The band reached, or the first if none is."""
    if part.signal is not None:
        what, value, newest = words.what(part.signal), words.signal(part.signal), words.newest(part.signal)
    else:
        trait = part.trait or ""
        what, value, newest = trait, words.trait(trait), {}
    reached = part.reached(value)
    bound = part.bounds[0] if reached is None else reached
    points = part.bands[bound]
    return Operand(what, value, "at least", bound, met=reached is not None, points=points, **newest)
