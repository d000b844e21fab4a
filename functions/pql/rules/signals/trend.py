"""`trend`: this window against the one before."""

from __future__ import annotations

import functools
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pql.core.lead import Scalar
from pql.core.window import Window, window
from pql.rules.signals.signal import Names, Within, span_words
from pql.rules.signals.timed import Bucketed, Buckets


class Trend(Bucketed):
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

    measures: ClassVar[bool] = True

    nothing: ClassVar[str] = "there was too little before"

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"growth of {self.events_words}"

    @property
    def words(self) -> str:
        """Return what it measures, in plain words."""
        return self.label or f"{self.noun}{span_words(self.within)}, against as long before"

    @functools.cached_property
    def window(self) -> Window:
        """Return both windows as one: what must be remembered."""
        width, buckets = window(self.within)
        return Window(width, 2 * buckets)

    def value_at(self, held: Buckets, now: int) -> Scalar:
        """Return the events of this window for each of the one before, None below the floor."""
        width, reach = self.window
        here = now // width
        recent = sum(count for bucket, count in held if bucket > here - reach // 2)
        before = sum(count for bucket, count in held if here - reach < bucket <= here - reach // 2)
        return recent / before if before >= self.floor else None

    def crossing(self, held: Buckets, bound: float, now: int) -> int:  # noqa: ARG002 - any bound may be crossed
        """Return when the next bucket begins, as long as anything is remembered."""
        return self.moves(held, now)
