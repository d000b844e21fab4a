"""`sum`: how much, added up over a property."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.core.aggregates.tally import MILLION, SATURATED, millionths
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import Properties, getter, number
from pql.rules.signals.signal import SKIP, Names, PropertyPath, Recorder, Signal, Skip
from pql.rules.where import matcher


class Sum(Signal):
    """Add up a numeric property; events without a number in it are passed over.

    Exact to a millionth, in whatever order the events arrive.

    ```yaml
    hours_tracked: {sum: duration_hours, of: Session Ended, within: 7d}
    ```
    """

    kind: Literal["sum"] = Field(default="sum", exclude=True)
    sum: PropertyPath
    of: Names

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.of

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"total {self.sum} of {self.events_words}"

    @property
    def reads_properties(self) -> bool:
        """Return that the property must be decoded."""
        return True

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def read(self, aggregate: Any) -> Scalar:
        """Return the total as conditions compare it."""
        return _whole(aggregate.total)

    def recorder(self) -> Recorder:
        """Return the function that adds one event's amount."""
        matches = matcher(self.where)
        get = getter(self.sum)
        window = self.window

        def record(held: Tally, event: Event, properties: Properties, clock: int) -> Scalar | Skip:
            if matches is not None and not matches(properties):
                return SKIP
            amount = number(get(properties))
            if amount is None:
                return SKIP
            held.see(event.time, event.id)
            bucket = None if window is None else window.bucket(event.time)
            if window is None or bucket is None or bucket >= window.floor(clock):
                held.add(millionths(amount), bucket)
            return _whole(held.total)

        return record


def _whole(total: int) -> float:
    amount = total // MILLION if total % MILLION == 0 else total / MILLION
    return max(-SATURATED, min(SATURATED, amount))
