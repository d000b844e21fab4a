"""`decayed`: a count in which what is long ago weighs less."""

from __future__ import annotations

import functools
import math
from typing import ClassVar, Literal

from pydantic import Field

from pql.core.lead import Scalar
from pql.core.window import BUCKETS, DAY, NEVER, Window, duration
from pql.rules.signals.of_users import WithinDays
from pql.rules.signals.signal import Names, span_words
from pql.rules.signals.timed import Bucketed, Buckets

# After ten half-lives a thousandth is left.
HALF_LIVES = 10


class Decayed(Bucketed):
    """Count events of which each weighs half as much after every `half_life`, less from each midnight on.

    What is ten half-lives old is forgotten.

    ```yaml
    momentum: {decayed: Report Created, half_life: 14d}
    ```
    """

    kind: Literal["decayed"] = Field(default="decayed", exclude=True)
    decayed: Names
    half_life: WithinDays
    within: None = None

    measures: ClassVar[bool] = True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"{self.events_words}, of which half counts{span_words(self.half_life, 'after')}"

    @property
    def only_shrinks(self) -> bool:
        """Return that it becomes less by every midnight."""
        return True

    @property
    def is_number(self) -> bool:
        """Return that its value is always a number."""
        return True

    @functools.cached_property
    def days(self) -> float:
        """Return the half-life in days."""
        return duration(self.half_life) / DAY

    @functools.cached_property
    def window(self) -> Window:
        """Return the days that are remembered."""
        return Window(DAY, min(BUCKETS[DAY], math.ceil(HALF_LIVES * self.days)))

    def value_at(self, held: Buckets, now: int) -> Scalar:
        """Return the weight of all events on the day of `now`."""
        today, half = now // DAY, self.days
        return math.fsum([count * 0.5 ** (max(0, today - day) / half) for day, count in held])

    def crossing(self, held: Buckets, bound: float, now: int) -> int:
        """Return the midnight from which the weight is the bound or, if it is, less than it.

        All of it falls alike, but for days that a fast clock has put ahead of ours.
        """
        weight = self.value_at(held, now)
        if not isinstance(weight, float) or bound <= 0 or weight < bound:
            return NEVER
        days = max(1, math.floor(self.days * math.log2(weight / bound)))
        return (now // DAY + days) * DAY
