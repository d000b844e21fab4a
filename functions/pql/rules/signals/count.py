"""`count`: how many times something was done."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.core.event import Event
from pql.rules.properties import Properties
from pql.rules.signals.signal import SKIP, Names, Recorder, Signal, Skip
from pql.rules.where import matcher


class Count(Signal):
    """Count events of one name, of several, or of `any`.

    ```yaml
    reports_created: {count: Report Created, within: 30d}
    pdf_exports: {count: [Report Exported, Chart Exported], where: {format: pdf}}
    ```
    """

    kind: Literal["count"] = Field(default="count", exclude=True)
    count: Names

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.count

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return self.events_words

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def recorder(self) -> Recorder:
        """Return the function that counts one event."""
        matches = matcher(self.where)
        window = self.window

        def record(held: Tally, event: Event, properties: Properties, clock: int) -> int | Skip:
            if matches is not None and not matches(properties):
                return SKIP
            time = event.time
            if time > held.at:  # `see` without the call: half of all events come this way
                held.at = time
                held.event = event.id
            elif time == held.at:
                held.see(time, event.id)
            if window is None:
                held.total += 1
                return held.total
            width, reach = window
            bucket = time // width
            buckets = held.buckets
            if bucket in buckets:
                buckets[bucket] += 1
            elif bucket > clock // width - reach:
                buckets[bucket] = 1
                held.first = min(held.first, bucket)
            else:
                return held.total
            held.total += 1
            return held.total

        return record
