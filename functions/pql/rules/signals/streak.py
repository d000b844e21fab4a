"""`streak`: on how many days in a row something was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Days
from pql.core.lead import Scalar
from pql.core.window import BUCKETS, DAY, NEVER
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.signal import Names
from pql.rules.signals.timed import Timed

DAYS_KEPT = BUCKETS[DAY]


class Streak(Timed):
    """Count the UTC days in a row, up to today or yesterday, on each of which one of the events happened.

    A day without one ends it: the value is 0 from the midnight after that day. 400 days are the most.

    ```yaml
    daily: {streak: [Task Completed, Report Created]}
    ```
    """

    kind: Literal["streak"] = Field(default="streak", exclude=True)
    streak: Names
    within: None = None

    counts: ClassVar[bool] = True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"days in a row with {self.events_words}"

    @property
    def reach(self) -> int:
        """Return the largest number its value can reach."""
        return DAYS_KEPT

    def remedy(self, bound: str) -> str:  # noqa: ARG002 - it does not say the number
        """Return what to do about a `bound` beyond `reach`."""
        return "lower the bound"

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + DAYS_KEPT

    def fresh(self) -> Days:
        """Return the memory of no day."""
        return Days(DAYS_KEPT)

    def read(self, aggregate: Days) -> tuple[int, int]:
        """Return the newest day and how many days in a row it ends."""
        return run(aggregate)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that note the day of one event."""
        day = cell.bucket(DAY)
        yield f"if {day} not in h.days: h.add({day})"
        yield f"n = {cell.constant(run)}(h)"

    def usual(self, cell: Cell) -> Usual:
        """Return that another event of a day changes nothing."""
        return Usual(f"{cell.bucket(DAY)} in h.days")

    def value_at(self, held: Any, now: int) -> Scalar:
        """Return the length of the run that `held` describes, 0 once a day was left out."""
        day, length = held
        return length if now // DAY - day <= 1 else 0

    def crossing(self, held: Any, bound: float, now: int) -> int:
        """Return when the run ends, if it is as long as the bound until then."""
        _, length = held
        return self.moves(held, now) if length >= bound else NEVER

    def moves(self, held: Any, now: int) -> int:
        """Return when the run ends."""
        day, _ = held
        end: int = (day + 2) * DAY
        return end if end > now else NEVER


def run(days: Days) -> tuple[int, int]:
    """Return the newest day and how many days in a row, it included, lead up to it."""
    newest = max(days.days, default=-2)
    length = 0
    while newest - length in days.days:
        length += 1
    return newest, length
