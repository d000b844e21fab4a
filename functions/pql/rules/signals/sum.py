"""`sum`: how much, added up over a property."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.core.aggregates.tally import MILLION, SATURATED, millionths
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import number
from pql.rules.signals.of_property import OfProperty, Taker
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

    def taker(self) -> Taker:
        """Return the function that adds one event's amount."""
        window = self.window

        def take(held: Tally, event: Event, value: float, clock: int) -> Scalar:
            held.see(event.time, event.id)
            if window is None:
                held.total += millionths(value)
                return _whole(held.total)
            width, reach = window
            bucket = event.time // width
            if bucket > clock // width - reach:
                held.add(millionths(value), bucket)
            return _whole(held.total)

        return take


def _whole(total: int) -> float:
    amount, rest = divmod(total, MILLION)
    exact = total / MILLION if rest else amount
    return exact if -SATURATED < exact < SATURATED else max(-SATURATED, min(SATURATED, exact))
