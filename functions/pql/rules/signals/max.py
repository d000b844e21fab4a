"""`max`: the largest value of a property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from pql.core.aggregates import Peak
from pql.rules.properties import number
from pql.rules.signals.of_property import OfProperty
from pql.rules.signals.signal import Cell, PropertyPath


class Max(OfProperty):
    """Remember the largest number in a property, for ever or within a window.

    ```yaml
    seats_used: {max: seats, of: Seats Counted, within: 30d}
    ```
    """

    kind: Literal["max"] = Field(default="max", exclude=True)
    max: PropertyPath

    value_of = staticmethod(number)

    @property
    def path(self) -> str:
        """Return where the number is."""
        return self.max

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"largest {self.max} of {self.events_words}"

    def fresh(self) -> Peak:
        """Return the peak of nothing."""
        return Peak()

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that hold one event's number against the peak."""
        bounded = cell.constant(_bounded)
        if self.window is None:
            yield f"if h.value is None or x > h.value: h.value = {bounded}(x)"
        else:
            width, reach = self.window
            bucket = cell.bucket(width)
            yield f"s = h.buckets.get({bucket})"
            yield "if s is None or x > s:"
            yield f"    if {bucket} > now // {width} - {reach}: h.add({bounded}(x), {bucket})"
        yield "n = h.value"


def _bounded(value: float) -> float:
    """MessagePack holds whole numbers of 64 bits; larger ones are kept as decimals."""
    return float(value) if not -(2**63) <= value < 2**63 else value
