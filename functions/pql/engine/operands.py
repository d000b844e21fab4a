"""What a rule looked at, operand by operand, with value, bound and points."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, assert_never, cast

import msgspec

from pql.core.aggregates.traced import EVENT_DIGITS
from pql.core.lead import Operand, Role, Scalar, Unit
from pql.core.plain_words import compared, day, said
from pql.engine.account import Account
from pql.engine.scope import FileScope
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
from pql.rules.rule import PLACEHOLDER
from pql.rules.signals.elapsed import Elapsed
from pql.rules.where import where_words

CHOICES_SHOWN = 20


class Words:
    """Values and templates of one account at one moment `now`, by the names of one rule file.

    `blank` is the account that nothing is known of, at the same moment.
    """

    def __init__(
        self, account: Account, scope: FileScope, account_id: str, now: int, blank: Account | None = None
    ) -> None:
        self._account = account
        self.scope = scope
        self._id = account_id
        self.now = now
        self._blank = blank or account

    def of(self, scope: FileScope) -> Words:
        """Return the same by the names of another file."""
        return Words(self._account, scope, self._id, self.now, self._blank)

    @property
    def untouched(self) -> Words:
        """Return the same of an account that nothing is known of."""
        return Words(self._blank, self.scope, self._id, self.now)

    def signal(self, name: str) -> Scalar:
        """Return a signal's value."""
        return self.scope.value(name, self._account.values, self.now)

    def shown(self, signal: str) -> Scalar:
        """Return a signal's value as people are shown it: days to two decimals, as no one reads 3.7e-05."""
        value = self.signal(signal)
        days = isinstance(self.scope.spoken[signal], Elapsed)
        return round(value, 2) if days and isinstance(value, float) else value

    def score(self, name: str) -> float:
        """Return a score's points."""
        return self._account.score(self.scope.score_places[name])

    def trait(self, name: str) -> Scalar:
        """Return a trait."""
        return self._account.values[self.scope.trait_index(name)]

    def derived(self, condition: Derived) -> Scalar:
        """Return the number that a condition works out."""
        return condition.number(*self._asked(condition), self.now)

    def shown_of(self, condition: Derived) -> Scalar:
        """Return the number that a condition works out as people are shown it, or why there is none."""
        asked = self._asked(condition)
        value = condition.number(*asked, self.now)
        return condition.unknown(*asked, self.now) if value is None else condition.shown(value)

    def _asked(self, condition: Derived) -> list[Any]:
        return [
            self._account.values[self.scope.trait_index(one.name)]
            if one.what == "trait"
            else self.raw(condition, one.name)
            for one in condition.named()
        ]

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
        return self.now - moment

    def what(self, signal: str) -> str:
        """Return what a signal measures, and whether it is more than it can count."""
        slot, words = self.scope.signals[signal], self.scope.spoken[signal].words
        held = self._account.aggregates[slot.place]
        floor = held is not None and slot.signal.is_floor(held)
        return f"{words} ({said(self.shown(signal))} or more)" if floor else words

    def called(self, signal: str) -> str:
        """Return what a signal is called, without its window."""
        spoken = self.scope.spoken[signal]
        return spoken.label or f"{spoken.noun}{where_words(spoken.where)}"

    def told(self, condition: Derived) -> str:
        """Return what a condition works out, in plain words."""
        return condition.told(self.called)

    def begun(self, signal: str) -> tuple[str, int | None] | None:
        """Return what would complete what was begun, and until when (epoch ms) it could."""
        slot = self.scope.signals[signal]
        held = self._account.aggregates[slot.place]
        return None if held is None else self.scope.spoken[signal].begun(held, self.now)

    def newest(self, signal: str) -> dict[str, Any]:
        """Return the newest event behind a signal, and when it was."""
        held = self._account.aggregates[self.scope.signals[signal].place]
        return {"event_id": held.event[:EVENT_DIGITS], "at": held.at} if held else {}

    def people(self, condition: Condition) -> Iterator[tuple[Role, Collection[int]]]:
        """Yield whom the signals behind a condition are about: what they have to do with it, their hashes."""
        for scope, element in self.scope.through(condition):
            for one in element.named():
                if one.what == "signal":
                    slot = scope.signals[one.name]
                    held = self._account.aggregates[slot.place]
                    if held is not None:
                        yield slot.signal.role, slot.signal.whom(held)

    def filled(self, template: str) -> str:
        """Return a template with its placeholders filled in."""
        return PLACEHOLDER.sub(lambda found: self._placeholder(found[1]), template)

    def _placeholder(self, name: str) -> str:
        if name == "account" or (name == "user" and name not in {*self.scope.signals, *self.scope.scores}):
            known = self._account.traits.get("name")
            return said(known[2]) if known else self._id
        if name.startswith("traits."):
            trait, bar, otherwise = name.removeprefix("traits.").partition("|")
            found = self.trait(trait)
            return otherwise if bar and found is None else said(day(found))
        if name in self.scope.signals:
            return said(self.shown(name))
        if name in self.scope.scores:
            return said(self.score(name))
        return said(max((self.score(one) for one in self.scope.scores), default=0.0))


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
        yield from _of_part(part, words)


def _of_part(one: Part, words: Words) -> Iterator[Operand]:
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
