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

    A day without one ends it: the value is 0 from the midnight after that day. What a fast clock has put
    ahead counts once its day has come. 400 days are the most.

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

    def read(self, aggregate: Days) -> tuple[int, int, int]:
        """Return the newest day, how many days in a row it ends, and how many there are before it comes."""
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
        day, length, before = held
        ago = now // DAY - day
        found: int = before if ago < 0 else length if ago <= 1 else 0
        return found

    def crossing(self, held: Any, bound: float, now: int) -> int:
        """Return when the run may end or grow, if it is as long as the bound on either side of that."""
        _, length, before = held
        return self.moves(held, now) if max(length, before) >= bound else NEVER

    def moves(self, held: Any, now: int) -> int:
        """Return when the newest day comes, if a fast clock has put it ahead of ours, or the run ends."""
        day, _, _ = held
        return next((at for at in (day * DAY, (day + 2) * DAY) if at > now), NEVER)


def run(days: Days) -> tuple[int, int, int]:
    """Return the newest day and how many days in a row, it included, lead up to it.

    Last, how many lead up to the day before it, or to the one before that.
    """
    newest = max(days.days, default=-2)
    length = _ending(days, newest)
    return newest, length, length - 1 if length > 1 else _ending(days, newest - 2)


def _ending(days: Days, last: int) -> int:
    length = 0
    while last - length in days.days:
        length += 1
    return length
