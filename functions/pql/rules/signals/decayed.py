"""`decayed`: a count in which what is long ago weighs less."""

from __future__ import annotations

import functools
import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.aggregates import Buckets
from pql.core.aggregates.histogram import Columns
from pql.core.lead import Scalar
from pql.core.window import BUCKETS, DAY, NEVER, Window, duration
from pql.rules.signals.signal import Names
from pql.rules.signals.timed import Bucketed
from pql.rules.windows import WithinDays, span_words

# After ten half-lives a thousandth is left.
HALF_LIVES = 10
# Every weight down to the least is a whole number of parts: sums of them are exact, in whatever order.
WHOLE = 2**64


def _remembered(text: str) -> str:
    if HALF_LIVES * duration(text) > BUCKETS[DAY] * DAY:
        reason = f"ten half-lives are remembered, so one has at most {BUCKETS[DAY] // HALF_LIVES}d"
        raise PydanticCustomError("window", "{reason}, got '{text}'", {"reason": reason, "text": text})
    return text


class Decayed(Bucketed):
    """Count events of which each weighs half as much after every `half_life`, less from each midnight on.

    What is ten half-lives old is forgotten, and so `half_life` is at most 40d.

    ```yaml
    momentum: {decayed: Report Created, half_life: 14d}
    ```
    """

    kind: Literal["decayed"] = Field(default="decayed", exclude=True)
    decayed: Names
    half_life: Annotated[
        WithinDays,
        AfterValidator(_remembered),
        Field(json_schema_extra={"pattern": "^([1-9]|[1-3][0-9]|40)d$"}),
    ]
    within: None = None

    measures: ClassVar[bool] = True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"{self.events_words} (each counts half{span_words(self.half_life, 'after')})"

    @property
    def only_shrinks(self) -> bool:
        """Return that it becomes less by every midnight."""
        return True

    @property
    def is_number(self) -> bool:
        """Return that its value is always a number."""
        return True

    @functools.cached_property
    def days(self) -> int:
        """Return the half-life in days."""
        return duration(self.half_life) // DAY

    @functools.cached_property
    def window(self) -> Window:
        """Return the days that are remembered."""
        return Window(DAY, HALF_LIVES * self.days)

    def value_at(self, held: Buckets, now: int) -> Scalar:
        """Return the weight of all events on the day of `now`."""
        (weight,) = held.weighed(self._sum, now // DAY)
        return weight / WHOLE

    @functools.cached_property
    def _weights(self) -> tuple[int, ...]:
        """Return what one event weighs by its age in days."""
        return tuple(int(0.5 ** (age / self.days) * WHOLE) for age in range(self.window.buckets))

    def _sum(self, columns: Columns, today: int) -> tuple[int]:
        weights = self._weights
        kept = columns.since(today - self.window.buckets + 1)
        each = zip(kept.buckets, kept.amounts, strict=True)
        return (sum([count * weights[max(0, today - day)] for day, count in each]),)

    def crossing(self, held: Buckets, bound: float, now: int) -> int:
        """Return the midnight from which the weight is the bound or, if it is, less than it.

        All of it falls alike, but for days that a fast clock has put ahead of ours.
        """
        weight = self.value_at(held, now)
        if not isinstance(weight, float) or bound <= 0 or weight < bound:
            return NEVER
        days = max(1, math.floor(self.days * math.log2(weight / bound)))
        return (now // DAY + days) * DAY
