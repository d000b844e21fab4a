"""`trend`: this window against the one before."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.core.lead import Scalar
from pql.core.window import NEVER, Window, window
from pql.rules.signals.signal import Cell, Names, Signal, Within, span_words

Buckets = tuple[tuple[int, int], ...]


class Trend(Signal):
    """Divide the events of this window by those of the one before: 1.5 is half as many again.

    It has no value while the window before holds fewer than `floor` events: from nothing to one is
    no growth. The running day (hour, minute) belongs to this window, so early in it growth reads low.

    ```yaml
    growth: {trend: any, within: 7d, floor: 20}
    ```
    """

    kind: Literal["trend"] = Field(default="trend", exclude=True)
    trend: Names
    within: Within
    floor: Annotated[int, Field(ge=1, le=1_000_000)] = 10

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.trend

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"growth of {self.events_words}"

    @property
    def words(self) -> str:
        """Return what it measures, in plain words."""
        return self.label or f"{self.noun}{span_words(self.within)}, against as long before"

    @property
    def is_timed(self) -> bool:
        """Return that what counted for this window will count for the one before."""
        return True

    @functools.cached_property
    def window(self) -> Window:
        """Return both windows as one: what must be remembered."""
        width, buckets = window(self.within)
        return Window(width, 2 * buckets)

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def read(self, aggregate: Tally) -> Buckets:
        """Return what each bucket holds, oldest first."""
        return held(aggregate)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event."""
        width, reach = self.window
        bucket = cell.bucket(width)
        yield f"if {bucket} > now // {width} - {reach}: h.add(1, {bucket})"
        yield f"n = {cell.constant(held)}(h)"

    def value_at(self, held: Any, now: int) -> Scalar:
        """Return the events of this window for each of the one before, None below the floor."""
        width, reach = self.window
        here = now // width
        recent = sum(count for bucket, count in held if bucket > here - reach // 2)
        before = sum(count for bucket, count in held if here - reach < bucket <= here - reach // 2)
        return recent / before if before >= self.floor else None

    def crossing(self, held: Any, bound: float, now: int) -> int:  # noqa: ARG002 - any bound may be crossed
        """Return when the next bucket begins, as long as anything is remembered."""
        width, _ = self.window
        return (now // width + 1) * width if held else NEVER


def held(tally: Tally) -> Buckets:
    """Return what each bucket of a tally holds, oldest first."""
    return tuple(sorted(tally.buckets.items()))
