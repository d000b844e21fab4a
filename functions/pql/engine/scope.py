"""Where the names in a rule file lead, while it is compiled and when it is explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any, NamedTuple, Protocol

from pql.core.lead import Scalar
from pql.engine.slots import Bound, Reads, ScoreSlot, SignalSlot
from pql.rules.conditions import Condition, RuleCondition, ScoreCondition
from pql.rules.names import folded
from pql.rules.parts import Part, Weighted
from pql.rules.rule import Rule
from pql.rules.signals.signal import Signal


class _Pack(Protocol):
    traits: dict[str, int]
    constants: dict[str, Any]


class Ruled(NamedTuple):
    """One rule, and where the names in it lead."""

    rule: Rule
    scope: FileScope


class Rulebook:
    """The rules of a whole pack by name: what conditions on rules look at.

    `held` has the places of whether their conditions hold, `fired` of when they last made a lead, both
    for those that some condition asks about; `suppressing` the places of what suppresses all rules.
    """

    def __init__(self) -> None:
        self.rules: dict[str, Ruled] = {}
        self.held: dict[str, int] = {}
        self.fired: dict[str, int] = {}
        self.suppressing: list[tuple[int, FileScope, tuple[Condition, ...]]] = []


class FileScope:
    """The signals and scores that one file names, the rules and the traits of the whole pack."""

    def __init__(self, plan: _Pack) -> None:
        self._plan = plan
        self.signals: dict[str, SignalSlot] = {}
        # As this file writes them: a slot is shared with files that call the same something else.
        self.spoken: dict[str, Signal] = {}
        self.score_places: dict[str, int] = {}
        self.scores: dict[str, ScoreSlot] = {}
        self.book = Rulebook()

    def trait_index(self, name: str) -> int:
        """Return the place of a trait in an account's values."""
        return self._plan.traits[folded(name)]

    def constant(self, value: Any) -> str:
        """Return a name, of the whole pack, that stands for `value`."""
        known = next((name for name, one in self._plan.constants.items() if _same(one, value)), None)
        name = known or f"c{len(self._plan.constants)}"
        self._plan.constants[name] = value
        return name

    def reading(self) -> Reading:
        """Return a fresh scope for compiling one expression."""
        return Reading(self)

    def value(self, signal: str, values: list[Scalar], now: int) -> Scalar:
        """Return a signal's value at `now`, as conditions compare it."""
        slot = self.signals[signal]
        if slot.signal.dated_by is not None:
            return slot.signal.value_from(values[slot.place], values[self.trait_index(slot.signal.dated_by)])
        return slot.signal.value_at(values[slot.place], now)

    def through(self, condition: Condition) -> Iterator[tuple[FileScope, Condition | Part]]:
        """Yield what a condition looks at, through scores and other rules, each with its own scope."""
        for leaf in condition.leaves():
            yield self, leaf
            if isinstance(leaf, ScoreCondition):
                yield from self._parts(leaf.score)
            elif isinstance(leaf, RuleCondition):
                other, scope = self.book.rules[leaf.rule]
                if leaf.fired_within is None:
                    yield from scope.through(other.when)

    def _parts(self, score: str) -> Iterator[tuple[FileScope, Condition | Part]]:
        for part in self.scores[score].parts:
            yield self, part
            for condition in part.conditions():
                yield from self.through(condition)
            if isinstance(part, Weighted):
                yield from self._parts(part.score)


class Reading:
    """One expression while it is written, and what it reads."""

    def __init__(self, names: FileScope) -> None:
        self._names = names
        self._read: set[int] = set()
        self._bounds: set[Bound] = set()

    def compared(self, name: str, symbol: str, bound: float) -> str:
        """Return whether a signal's value is beyond a bound: nothing else of it matters here."""
        slot = self._names.signals[name]
        if slot.signal.is_timed or slot.signal.dated_by is not None:
            return f"{self.signal(name)} {symbol} {bound!r}"
        self._bounds.add(Bound(slot.place, symbol, bound))
        return f"v[{slot.place}] {symbol} {bound!r}"

    def signal(self, name: str) -> str:
        """Return the expression for a signal's value."""
        slot = self._names.signals[name]
        if slot.signal.is_timed:
            return f"{self.constant(slot.signal.value_at)}({self.held(name)}, now)"
        if slot.signal.dated_by is not None:
            date = self.trait(slot.signal.dated_by)
            return f"{self.constant(slot.signal.value_from)}({self.held(name)}, {date})"
        return self.held(name)

    def held(self, name: str) -> str:
        """Return the expression for the value that a signal's fold has left."""
        return self.at(self._names.signals[name].place)

    def timed(self, name: str) -> Callable[[Any, float, int], int] | None:
        """Return the signal's `crossing` if its value changes by time alone."""
        signal = self._names.signals[name].signal
        return signal.crossing if type(signal).crossing is not Signal.crossing else None

    def moves(self, name: str) -> Callable[[Any, int], int] | None:
        """Return the signal's `moves` if its value changes by time alone."""
        signal = self._names.signals[name].signal
        return signal.moves if type(signal).moves is not Signal.moves else None

    def score(self, name: str) -> str:
        """Return the expression for a score's value."""
        return self.at(self._names.score_places[name])

    def trait(self, name: str) -> str:
        """Return the expression for a trait's value."""
        return self.at(self._names.trait_index(name))

    def holds(self, rule: str) -> str:
        """Return the expression for whether a rule's condition holds."""
        return self.at(self._names.book.held[rule])

    def fired(self, rule: str) -> str:
        """Return the expression for when a rule last made a lead, long ago if never."""
        return self.at(self._names.book.fired[rule])

    def constant(self, value: Any) -> str:
        """Return a name that stands for `value`."""
        return self._names.constant(value)

    def is_number(self, signal: str) -> bool:
        """Return whether a signal's value is always a number."""
        return self._names.signals[signal].signal.is_number

    def counts(self, signal: str) -> bool:
        """Return whether a signal's value is a number of things done."""
        return self._names.signals[signal].signal.counts

    def read(self) -> Reads:
        """Return the places that the expression reads, and the bounds it holds some of them against."""
        return Reads(self._read, self._bounds)

    def at(self, place: int) -> str:
        """Return the expression for the value at a place."""
        self._read.add(place)
        return f"v[{place}]"


def _same(one: Any, other: Any) -> bool:
    """Return whether a name can stand for both: 1 is not true, and a method is that of the very object."""
    return type(one) is type(other) and (one is other or (isinstance(one, MethodType) and one == other))
