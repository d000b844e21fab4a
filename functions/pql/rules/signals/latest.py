"""`latest`: the value of a property that was reported last."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pql.core.aggregates import Newest
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import scalar
from pql.rules.signals.of_property import OfProperty, Taker
from pql.rules.signals.signal import PropertyPath


class Latest(OfProperty):
    """Remember the value of a property of the newest event that has it: a number, a word, yes or no.

    For gauges that are reported and not added up. With `within`, an older value is forgotten.

    ```yaml
    storage_gb: {latest: gigabytes, of: Storage Reported}
    ```
    """

    kind: Literal["latest"] = Field(default="latest", exclude=True)
    latest: PropertyPath

    value_of = staticmethod(scalar)

    @property
    def path(self) -> str:
        """Return where the value is."""
        return self.latest

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"latest {self.latest} of {self.events_words}"

    def fresh(self) -> Newest:
        """Return the memory of nothing."""
        return Newest()

    def taker(self) -> Taker:
        """Return the function that takes one event's value if it is the newest."""
        window = self.window

        def take(held: Newest, event: Event, value: Scalar, clock: int) -> Scalar:
            held.put(event.time, event.id, value)
            if window is not None:
                held.first = window.bucket(held.at)
                held.slide(clock, window)
            return held.value

        return take
