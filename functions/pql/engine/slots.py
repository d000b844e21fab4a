"""Where signals, scores and rules stand among an account's values."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

from pql.rules.parts import Part
from pql.rules.rule import Rule
from pql.rules.signals.signal import Signal

if TYPE_CHECKING:
    from pql.engine.judge import Echo
    from pql.engine.scope import FileScope

# A verdict has a bit for each rule's condition, and above them, for those that have one, a bit for
# what must hold before it may fire again and a bit for what keeps it from firing.
EXITS = 128
BARS = 256


class Bound(NamedTuple):
    """What the value at a place is held against: `>=`, `>`, `<=` or `<`, and a number."""

    place: int
    symbol: str
    number: float

    @property
    def crossed_at(self) -> int | None:
        """Return the whole number at which one more has crossed the bound, None if there is none."""
        if not math.isfinite(self.number):
            return None
        return math.ceil(self.number) if self.symbol in {">=", "<"} else math.floor(self.number) + 1


class Reads(frozenset[int]):
    """The places that an expression reads.

    Of those in `bounds` that are not in `whole` nothing matters but on which side of the bounds they are.
    """

    whole: frozenset[int]
    bounds: frozenset[Bound]

    def __new__(cls, whole: Iterable[int], bounds: Iterable[Bound] = ()) -> Self:
        """Return the places of both."""
        against = frozenset(bounds)
        made = super().__new__(cls, {*whole, *(bound.place for bound in against)})
        made.whole, made.bounds = frozenset(whole), against
        return made


class SignalSlot(NamedTuple):
    """One signal: its place in `values` and its fingerprint in the table."""

    place: int
    fingerprint: int
    signal: Signal


class ScoreSlot(NamedTuple):
    """One score: its place in `values`, its parts, and its sum as a Python expression."""

    place: int
    name: str
    parts: tuple[Part, ...]
    source: str
    reads: Reads


class FlagSlot(NamedTuple):
    """Whether something holds that rules look at: its place in `values`, and it as a Python expression."""

    place: int
    source: str
    reads: Reads


@dataclass(frozen=True, eq=False)
class RuleSlot:
    """One rule: its fingerprint in the table, its checksum, and its condition as a Python expression.

    `until` and `unless` are expressions, too, empty where there are none. `echo` is what looks at the
    rule's leads.
    """

    place: int
    fingerprint: int
    name: str
    checksum: str
    rule: Rule
    scope: FileScope
    source: str
    reads: Reads
    until: str = ""
    unless: str = ""
    echo: Echo | None = None

    @functools.cached_property
    def bit(self) -> int:
        """Return the bit that stands for the rule in what a verdict returns."""
        return 1 << self.place

    @functools.cached_property
    def bits(self) -> int:
        """Return all its bits: nothing but a change of one of them, or a wait, can change how it stands."""
        return self.bit | self.exit | self.bar

    @functools.cached_property
    def exit(self) -> int:
        """Return the bit of what must hold before it may fire again, 0 if that is its condition's fall."""
        return 1 << EXITS + self.place if self.until else 0

    @functools.cached_property
    def bar(self) -> int:
        """Return the bit of what keeps it from firing, 0 if nothing can."""
        return 1 << BARS + self.place if self.unless else 0
