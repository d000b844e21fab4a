"""`users_each`: how many people each did something often, or on several days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.aggregates import Usage
from pql.core.plain_words import said
from pql.core.window import DAY
from pql.rules.element import exactly_one
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_users import OfUsers
from pql.rules.signals.signal import Names

Least = Annotated[int, Field(ge=1, le=1_000_000)]


class UsersEach(OfUsers):
    """Count the people who each did one of the events so many `times`, or on so many different `days`.

    `days` are UTC days and need `within`. Up to `keep` people (64 unless given) in a day, or hour, of
    the window are followed, those with the lowest hash: with no more than that the number is exact,
    else there may be more, and the card says so. Costs up to 10 bytes for each person and day.

    ```yaml
    repeat_reporters: {users_each: Report Created, times: 2, within: 14d}
    regulars: {users_each: any, days: 3, within: 14d}
    ```
    """

    model_config: ClassVar[ConfigDict] = exactly_one("times", "days")

    kind: Literal["users_each"] = Field(default="users_each", exclude=True)
    users_each: Names
    times: Least | None = None
    days: Annotated[int, Field(ge=1, le=400)] | None = None

    counts: ClassVar[bool] = True

    @model_validator(mode="after")
    def _times_or_days(self) -> Self:
        if (self.times is None) is (self.days is None):
            raise PydanticCustomError(
                "users_each", "expected either `times` or `days`, such as `times: 2` or `days: 3`"
            )
        if self.days is not None and (self.window is None or self.window.width != DAY):
            raise PydanticCustomError("users_each", "`days` needs a window of days, such as `within: 14d`")
        if self.days is not None and self.window is not None and self.days > self.window.buckets:
            raise PydanticCustomError(
                "users_each", "`within` has fewer days than `days`; widen it or lower `days`"
            )
        return self

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"people with {self.events_words} {self._often}"

    @property
    def _often(self) -> str:
        if self.days is not None:
            return f"on {self.days} or more days" if self.days > 1 else "on any day"
        return f"{said(self.times)} or more times" if self.times != 1 else "at least once"

    @property
    def reach(self) -> float:
        """Return the largest number its value can reach."""
        buckets = self.window.held if self.window else 1
        return self.keep * buckets // (self.days or 1)

    def whom(self, aggregate: Usage) -> Collection[int]:
        """Return those who did it often enough."""
        return {user for user, count in aggregate.counts.items() if count >= aggregate.least}

    def fresh(self) -> Usage:
        """Return the usage of nobody."""
        return Usage(self.keep, self.times or self.days or 1, by_bucket=self.days is not None)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event of a person."""
        yield self.counting(cell)
        yield "n = h.reached"
