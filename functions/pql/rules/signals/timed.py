"""What signals share whose value changes by time alone."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Iterable

from pql.core.aggregates import Tally
from pql.core.window import NEVER, Window
from pql.rules.signals.signal import Cell, Signal

Buckets = tuple[tuple[int, int], ...]


class Timed(Signal):
    """Base of signals that have another value tomorrow, whatever happens until then."""

    @property
    def is_timed(self) -> bool:
        """Return that time alone changes it."""
        return True


class Bucketed(Timed):
    """Base of signals that are worked out of how many events each bucket of their window holds."""

    @functools.cached_property
    @abstractmethod
    def window(self) -> Window:
        """Return the buckets that are remembered."""

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def read(self, aggregate: Tally) -> Buckets:
        """Return what each bucket holds, oldest first."""
        return held(aggregate)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event."""
        width, reach = self.window
        bucket = cell.bucket(width)
        yield f"if {bucket} > now // {width} - {reach}: h.add(1, {bucket})"
        yield f"n = {cell.constant(held)}(h)"

    def moves(self, held: Buckets, now: int) -> int:
        """Return when the next bucket begins, as long as anything is remembered."""
        width, _ = self.window
        return (now // width + 1) * width if held else NEVER


def held(tally: Tally) -> Buckets:
    """Return what each bucket of a tally holds, oldest first."""
    return tuple(sorted(tally.buckets.items()))
