"""`max`: the largest value of a property."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pql.core.aggregates import Peak
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import number
from pql.rules.signals.of_property import OfProperty
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

    def take(self, held: Peak, event: Event, value: float, clock: int) -> Scalar:
        """Hold one event's number against the peak."""
        window = self.window
        held.see(event.time, event.id)
        bucket = None if window is None else window.bucket(event.time)
        if window is None or bucket is None or bucket >= window.floor(clock):
            held.add(_bounded(value), bucket)
        return held.value


def _bounded(value: float) -> float:
    """MessagePack holds whole numbers of 64 bits; larger ones are kept as decimals."""
    return float(value) if not -(2**63) <= value < 2**63 else value
