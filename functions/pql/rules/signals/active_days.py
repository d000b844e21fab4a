"""`active_days`: on how many different days something was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.aggregates import Days, Usage
from pql.core.lead import Scalar
from pql.core.window import BUCKETS, DAY
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_users import FOLLOWED, bytes_of
from pql.rules.signals.signal import Names, Signal
from pql.rules.windows import WithinDays

DAYS_KEPT = BUCKETS[DAY]


class ActiveDays(Signal):
    """Count the different UTC days on which one of the events happened.

    Without `within` the newest 400 such days are remembered. With `by: user` the days of each user
    are told apart and those of the most regular one count; for that `within` is needed, and of each
    day the 64 users with the lowest hash are followed.

    ```yaml
    came_back: {active_days: any, within: 14d}
    habit: {active_days: [Project Created, Task Completed], by: user, within: 30d}
    ```
    """

    kind: Literal["active_days"] = Field(default="active_days", exclude=True)
    active_days: Names
    by: Literal["account", "user"] = "account"
    within: WithinDays | None = None

    counts: ClassVar[bool] = True

    @model_validator(mode="after")
    def _users_in_a_window(self) -> Self:
        if self.by == "user" and self.within is None:
            raise PydanticCustomError("active_days", "`by: user` needs a window, such as `within: 30d`")
        return self

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        whose = " by the most regular person" if self.by == "user" else ""
        return f"days with {self.events_words}{whose}"

    @property
    def reach(self) -> int:
        """Return the largest number its value can reach."""
        return self.window.buckets if self.window else DAYS_KEPT

    def remedy(self, bound: str) -> str:  # noqa: ARG002 - it does not say the number
        """Return what to do about a `bound` beyond `reach`."""
        return "widen `within` or lower the bound"

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        if self.by == "user":
            return bytes_of(FOLLOWED, self.window)
        return 30 + 3 * self.reach

    def is_floor(self, aggregate: Any) -> bool:
        """Return whether the value may be higher than it says."""
        if isinstance(aggregate, Usage):
            return aggregate.crowded
        return self.window is None and aggregate.value == DAYS_KEPT

    def fresh(self) -> Days | Usage:
        """Return the memory of no days."""
        return Usage(FOLLOWED, by_bucket=True) if self.by == "user" else Days(self.reach)

    def read(self, aggregate: Any) -> Scalar:
        """Return the value conditions compare."""
        days: int = aggregate.top if self.by == "user" else aggregate.value
        return min(days, self.reach)

    def folded_value(self, cell: Cell) -> Sequence[str]:
        """Return the statements that leave in `x` the hash of the user, if it matters."""
        return ["x = whose"] if self.by == "user" else super().folded_value(cell)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that note the day of one event."""
        day = cell.bucket(DAY)
        if self.by == "user":
            yield f"if {day} > now // {DAY} - {self.reach}: h.add(x, {day})"
            yield "n = h.top"
            yield f"if n > {self.reach}: n = {self.reach}"
            return
        known = f"{day} not in h.days"
        if self.window:
            known += f" and {day} > now // {DAY} - {self.reach}"
        yield f"if {known}: h.add({day})"
        yield "n = h.value"
