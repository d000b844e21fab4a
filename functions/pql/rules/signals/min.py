"""`min`: the smallest value of a property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from pql.core.aggregates import Peak
from pql.core.lead import Scalar
from pql.rules.properties import number
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.of_property import OfProperty, peak, usual_peak
from pql.rules.signals.signal import PropertyPath


class Min(OfProperty):
    """Remember the smallest number in a property, for ever or within a window.

    ```yaml
    free_gigabytes: {min: gigabytes_free, of: Storage Reported, within: 7d}
    ```
    """

    kind: Literal["min"] = Field(default="min", exclude=True)
    min: PropertyPath

    value_of = staticmethod(number)

    @property
    def only_numbers(self) -> bool:
        """Return that it takes nothing but numbers."""
        return True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"smallest {self.min} of {self.events_words}"

    def fresh(self) -> Peak:
        """Return the peak of nothing: that of the numbers turned negative."""
        return Peak()

    def read(self, aggregate: Any) -> Scalar:
        """Return the value conditions compare."""
        return None if aggregate.value is None else -aggregate.value

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that hold one event's number against the smallest."""
        yield "x = -x"
        yield from peak(cell, self.window)
        yield "n = h.value"
        yield "if n is not None: n = -n"

    def usual(self, cell: Cell) -> Usual:
        """Return that a number below the peak changes nothing."""
        return usual_peak("-x", cell, self.window)
