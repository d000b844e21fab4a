"""Where signals, scores and rules stand among an account's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pql.rules.rule import Rule
from pql.rules.score import Points
from pql.rules.signals.signal import Signal

if TYPE_CHECKING:
    from pql.engine.scope import FileScope


class SignalSlot(NamedTuple):
    """One signal: its place in `values` and its fingerprint in the table."""

    place: int
    fingerprint: int
    signal: Signal


class ScoreSlot(NamedTuple):
    """One score: its place in `values`, its parts, and its sum as a Python expression."""

    place: int
    name: str
    parts: tuple[Points, ...]
    source: str
    reads: frozenset[int]


class RuleSlot(NamedTuple):
    """One rule: its fingerprint in the table, its checksum, and its condition as a Python expression."""

    place: int
    fingerprint: int
    name: str
    checksum: str
    rule: Rule
    scope: FileScope
    source: str
    reads: frozenset[int]

    @property
    def bit(self) -> int:
        """Return the bit that stands for the rule in what a verdict returns."""
        return 1 << self.place
