"""What signals of a property share: where it is read, and what counts as a value."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pql.core.window import Window
from pql.rules.properties import property_source, storable
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.signal import Names, Signal
from pql.rules.tagged import kind_of


class OfEvents(Signal):
    """Base of signals that name their events with `of`."""

    of: Names

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.of


class OfProperty(OfEvents):
    """Base of signals that fold one property; events without a value in it are passed over."""

    @property
    def path(self) -> str:
        """Return where the property is: behind its kind."""
        path: str = getattr(self, kind_of(type(self)))
        return path

    @staticmethod
    @abstractmethod
    def value_of(value: Any) -> Any:
        """Return what is folded for what was found there, or None to pass the event over."""

    # What `value_of` leaves as it is: sparing it the call.
    plain_type: ClassVar[type] = int

    @property
    def reads_properties(self) -> bool:
        """Return that the property must be decoded."""
        return True

    def folded_value(self, cell: Cell) -> Sequence[str]:
        """Return the statements that leave in `x` what is folded, or None to pass the event over."""
        read = property_source(self.path, cell.constant)
        plain, value_of = cell.constant(self.plain_type), cell.constant(self.value_of)
        return [f"x = {read}", f"if {cell.constant(type)}(x) is not {plain}: x = {value_of}(x)"]


def peak(cell: Cell, window: Window | None) -> Iterator[str]:
    """Yield the statements that hold the number in `x` against the peak of what came before."""
    bounded = cell.constant(storable)
    if window is None:
        yield f"if h.value is None or x > h.value: h.value = {bounded}(x)"
        return
    width, reach = window
    bucket = cell.bucket(width)
    yield f"s = h.buckets.get({bucket})"
    yield "if s is None or x > s:"
    yield f"    if {bucket} > now // {width} - {reach}: h.add({bounded}(x), {bucket})"


def usual_peak(number: str, cell: Cell, window: Window | None) -> Usual:
    """Return that nothing changes where a number is not above the peak of the bucket it falls into."""
    if window is None:
        return Usual(f"h.value is not None and {number} <= h.value")
    return Usual(f"{cell.bucket(window.width)} == h.bucket and {number} <= h.recent")
