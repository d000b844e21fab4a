"""`max`: the largest value of a property."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pql.core.aggregates import Peak
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import number
from pql.rules.signals.of_property import OfProperty, Taker
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

    def taker(self) -> Taker:
        """Return the function that holds one event's number against the peak."""
        window = self.window

        def take(held: Peak, event: Event, value: float, clock: int) -> Scalar:
            held.see(event.time, event.id)
            if window is None:
                held.add(_bounded(value), None)
                return held.value
            width, reach = window
            bucket = event.time // width
            if bucket > clock // width - reach:
                held.add(_bounded(value), bucket)
            return held.value

        return take


def _bounded(value: float) -> float:
    """MessagePack holds whole numbers of 64 bits; larger ones are kept as decimals."""
    return float(value) if not -(2**63) <= value < 2**63 else value
