"""`latest`: the value of a property that was reported last."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pql.core.aggregates import Newest
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.rules.properties import Properties, getter, number
from pql.rules.signals.signal import SKIP, Names, PropertyPath, Recorder, Signal, Skip
from pql.rules.where import matcher

TEXT_LIMIT = 256


class Latest(Signal):
    """Remember the value of a property of the newest event that has it: a number, a word, yes or no.

    For gauges that are reported and not added up. With `within`, an older value is forgotten.

    ```yaml
    storage_gb: {latest: gigabytes, of: Storage Reported}
    ```
    """

    kind: Literal["latest"] = Field(default="latest", exclude=True)
    latest: PropertyPath
    of: Names

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.of

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"latest {self.latest} of {self.events_words}"

    @property
    def reads_properties(self) -> bool:
        """Return that the property must be decoded."""
        return True

    def fresh(self) -> Newest:
        """Return the memory of nothing."""
        return Newest()

    def recorder(self) -> Recorder:
        """Return the function that takes one event's value if it is the newest."""
        matches = matcher(self.where)
        get = getter(self.latest)
        window = self.window

        def record(held: Newest, event: Event, properties: Properties, clock: int) -> Scalar | Skip:
            if matches is not None and not matches(properties):
                return SKIP
            value = scalar(get(properties))
            if value is None:
                return SKIP
            held.put(event.time, event.id, value)
            if window is not None:
                held.first = window.bucket(held.at)
                held.slide(clock, window)
            return held.value

        return record


def scalar(value: object) -> Scalar:
    """Return `value` if it is a number, a word (cut at 256 characters), yes or no; else None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value[:TEXT_LIMIT]
    found = number(value)
    return float(found) if isinstance(found, int) and not -(2**63) <= found < 2**63 else found
