"""`max`: the largest value of a property."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pql.core.aggregates import Peak
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import Properties, getter, number
from pql.rules.signals.signal import SKIP, Names, PropertyPath, Recorder, Signal, Skip
from pql.rules.where import matcher


class Max(Signal):
    """Remember the largest number in a property, for ever or within a window.

    ```yaml
    seats_used: {max: seats, of: Seats Counted, within: 30d}
    ```
    """

    kind: Literal["max"] = Field(default="max", exclude=True)
    max: PropertyPath
    of: Names

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.of

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"largest {self.max} of {self.events_words}"

    @property
    def reads_properties(self) -> bool:
        """Return that the property must be decoded."""
        return True

    def fresh(self) -> Peak:
        """Return the peak of nothing."""
        return Peak()

    def recorder(self) -> Recorder:
        """Return the function that holds one event's number against the peak."""
        matches = matcher(self.where)
        get = getter(self.max)
        window = self.window

        def record(held: Peak, event: Event, properties: Properties, clock: int) -> Scalar | Skip:
            if matches is not None and not matches(properties):
                return SKIP
            value = number(get(properties))
            if value is None:
                return SKIP
            held.see(event.time, event.id)
            bucket = None if window is None else window.bucket(event.time)
            if window is None or bucket is None or bucket >= window.floor(clock):
                held.add(_bounded(value), bucket)
            return held.value

        return record


def _bounded(value: float) -> float:
    """MessagePack holds whole numbers of 64 bits; larger ones are kept as decimals."""
    return float(value) if not -(2**63) <= value < 2**63 else value
