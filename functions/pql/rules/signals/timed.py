"""What signals share whose value changes by time alone."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Iterable

from pql.core.aggregates import Buckets, Histogram
from pql.core.window import NEVER, Window
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.signal import Signal


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

    def fresh(self) -> Histogram:
        """Return the histogram of nothing."""
        return Histogram()

    def read(self, aggregate: Histogram) -> Buckets:
        """Return what each bucket holds."""
        return aggregate.held

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event."""
        return counting(self.window, cell)

    def usual(self, cell: Cell) -> Usual:
        """Return that one more is counted in the bucket of the event before."""
        return counted(self.window, cell)

    def moves(self, held: Buckets, now: int) -> int:
        """Return when the next bucket begins, as long as anything is remembered."""
        width, _ = self.window
        return (now // width + 1) * width if held else NEVER


def counting(window: Window, cell: Cell) -> Iterable[str]:
    """Yield the statements that count one event in a histogram."""
    width, reach = window
    bucket = cell.bucket(width)
    yield f"if {bucket} > now // {width} - {reach}: h.add(1, {bucket})"
    yield "n = h.held"


def counted(window: Window, cell: Cell) -> Usual:
    """Return that one more is counted in a histogram, in the bucket of the event before."""
    return Usual(f"{cell.bucket(window.width)} == h.bucket", ("h.total += 1", "n = h.held"))
