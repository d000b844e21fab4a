"""Where signals and scores stand among an account's values."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pql.core.aggregates import Aggregate
from pql.rules.score import Points
from pql.rules.signals.signal import Recorder, Signal


class SignalSlot(NamedTuple):
    """One signal: its place in `values`, its fingerprint in the table, and how it folds."""

    place: int
    fingerprint: int
    signal: Signal
    record: Recorder
    fresh: Callable[[], Aggregate]


class ScoreSlot(NamedTuple):
    """One score: its place in `values`, its parts, and its sum as a Python expression."""

    place: int
    name: str
    parts: tuple[Points, ...]
    source: str
    reads: frozenset[int]
