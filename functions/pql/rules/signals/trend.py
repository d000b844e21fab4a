"""`trend`: this window against the one before."""

from __future__ import annotations

import functools
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.aggregates import Buckets
from pql.core.aggregates.histogram import Columns
from pql.core.lead import Scalar
from pql.core.window import BUCKETS, DAY, HOUR, MINUTE, Window, window
from pql.rules.signals.signal import Names
from pql.rules.signals.timed import Bucketed
from pql.rules.where import where_words
from pql.rules.windows import Within, span_words


def _half(text: str) -> str:
    width, buckets = window(text)
    if 2 * buckets > BUCKETS[width]:
        most = f"{BUCKETS[MINUTE] // 2}m, {BUCKETS[HOUR] // 2}h or {BUCKETS[DAY] // 2}d"
        reason = f"a trend remembers twice its window, so at most {most}"
        raise PydanticCustomError("window", "{reason}, got '{text}'", {"reason": reason, "text": text})
    return text


_DAYS = "([1-9][0-9]?|1[0-9]{2}|200)d"
_HOURS = "([1-9][0-9]?|[12][0-9]{2}|3[0-6][0-9]|37[0-2])h"
_MINUTES = "([1-9][0-9]?|[1-6][0-9]{2}|7[01][0-9]|720)m"


class Trend(Bucketed):
    """Divide the events of this window by those of the one before: 1.5 is half as many again.

    It has no value while the window before holds fewer than `floor` events: from nothing to one is
    no growth. The running day (hour, minute) belongs to this window, so early in it growth reads low. Both
    windows are remembered: each has at most 720m, 372h or 200d.

    ```yaml
    growth: {trend: any, within: 7d, floor: 20}
    ```
    """

    kind: Literal["trend"] = Field(default="trend", exclude=True)
    trend: Names
    within: Annotated[
        Within,
        AfterValidator(_half),
        Field(json_schema_extra={"pattern": f"^({_DAYS}|{_HOURS}|{_MINUTES})$"}),
    ]
    floor: Annotated[int, Field(ge=1, le=1_000_000)] = 10

    measures: ClassVar[bool] = True

    nothing: ClassVar[str] = "there was too little before"

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"growth of {self.all_words}"

    @property
    def words(self) -> str:
        """Return what it measures, in plain words."""
        here, before = span_words(self.within, "in"), span_words(self.within, "over the")
        return self.label or f"{self.noun}{where_words(self.where)}{here}{before} before"

    @functools.cached_property
    def window(self) -> Window:
        """Return both windows as one: what must be remembered."""
        width, buckets = window(self.within)
        return Window(width, 2 * buckets)

    def value_at(self, held: Buckets, now: int) -> Scalar:
        """Return the events of this window for each of the one before, None below the floor."""
        recent, before = held.weighed(self._sums, now // self.window.width)
        return recent / before if before >= self.floor else None

    def _sums(self, columns: Columns, here: int) -> tuple[int, int]:
        """Return the events of this window, and those of the one before."""
        reach = self.window.buckets
        both, recent = columns.since(here - reach + 1), columns.since(here - reach // 2 + 1)
        found = sum(recent.amounts)
        return found, sum(both.amounts) - found

    def crossing(self, held: Buckets, bound: float, now: int) -> int:  # noqa: ARG002 - any bound may be crossed
        """Return when the next bucket begins, as long as anything is remembered."""
        return self.moves(held, now)
