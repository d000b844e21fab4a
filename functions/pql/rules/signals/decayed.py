"""`decayed`: a count in which what is long ago weighs less."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.core.lead import Scalar
from pql.core.window import BUCKETS, DAY, NEVER, Window, duration
from pql.rules.signals.of_users import WithinDays
from pql.rules.signals.signal import Cell, Names, Signal
from pql.rules.signals.trend import held

# After ten half-lives a thousandth is left.
HALF_LIVES = 10


class Decayed(Signal):
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

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.decayed

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"{self.events_words}, of which half counts after {int(self.half_life[:-1])} days"

    @property
    def is_timed(self) -> bool:
        """Return that it falls by time alone."""
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

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def read(self, aggregate: Tally) -> tuple[tuple[int, int], ...]:
        """Return what each day holds, oldest first."""
        return held(aggregate)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event."""
        width, reach = self.window
        bucket = cell.bucket(width)
        yield f"if {bucket} > now // {width} - {reach}: h.add(1, {bucket})"
        yield f"n = {cell.constant(held)}(h)"

    def value_at(self, held: Any, now: int) -> Scalar:
        """Return the weight of all events on the day of `now`."""
        today, half = now // DAY, self.days
        return math.fsum([count * 0.5 ** (max(0, today - day) / half) for day, count in held])

    def crossing(self, held: Any, bound: float, now: int) -> int:
        """Return the midnight from which the weight is the bound or, if it is, less than it.

        All of it falls alike, but for days that a fast clock has put ahead of ours.
        """
        weight = self.value_at(held, now)
        if not isinstance(weight, float) or bound <= 0 or weight < bound:
            return NEVER
        days = max(1, math.floor(self.days * math.log2(weight / bound)))
        return (now // DAY + days) * DAY
