"""`sum`: how much, added up over a property."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.core.aggregates.tally import MILLION, SATURATED, millionths
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import number
from pql.rules.signals.of_property import OfProperty
from pql.rules.signals.signal import PropertyPath


class Sum(OfProperty):
    """Add up a numeric property; events without a number in it are passed over.

    Exact to a millionth, in whatever order the events arrive.

    ```yaml
    hours_tracked: {sum: duration_hours, of: Session Ended, within: 7d}
    ```
    """

    kind: Literal["sum"] = Field(default="sum", exclude=True)
    sum: PropertyPath

    value_of = staticmethod(number)

    @property
    def path(self) -> str:
        """Return where the amount is."""
        return self.sum

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"total {self.sum} of {self.events_words}"

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def read(self, aggregate: Any) -> Scalar:
        """Return the total as conditions compare it."""
        return _whole(aggregate.total)

    def take(self, held: Tally, event: Event, value: float, clock: int) -> Scalar:
        """Add one event's amount."""
        window = self.window
        held.see(event.time, event.id)
        bucket = None if window is None else window.bucket(event.time)
        if window is None or bucket is None or bucket >= window.floor(clock):
            held.add(millionths(value), bucket)
        return _whole(held.total)


def _whole(total: int) -> float:
    amount = total // MILLION if total % MILLION == 0 else total / MILLION
    return max(-SATURATED, min(SATURATED, amount))
