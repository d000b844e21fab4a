"""`max`: the largest value of a property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from pql.core.aggregates import Peak
from pql.rules.properties import number
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.of_property import OfProperty, peak, usual_peak
from pql.rules.signals.signal import PropertyPath


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
    def only_shrinks(self) -> bool:
        """Return that a peak that leaves only lowers it."""
        return True

    @property
    def only_numbers(self) -> bool:
        """Return that it takes nothing but numbers."""
        return True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"largest {self.max} of {self.events_words}"

    def fresh(self) -> Peak:
        """Return the peak of nothing."""
        return Peak()

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that hold one event's number against the peak."""
        yield from peak(cell, self.window)
        yield "n = h.value"

    def usual(self, cell: Cell) -> Usual:
        """Return that a number below the peak changes nothing."""
        return usual_peak("x", cell, self.window)
