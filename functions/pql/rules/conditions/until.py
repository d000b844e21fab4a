"""`until`: how long it is until a date that a trait holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal, TypeGuard

from pydantic import Field

from pql.core.lead import Scalar
from pql.core.plain_words import counted
from pql.core.window import DAY, NEVER, duration
from pql.rules.conditions.condition import Scope
from pql.rules.conditions.derived import DaysLeft
from pql.rules.dates import date_in
from pql.rules.durations import Duration
from pql.rules.named import Named
from pql.rules.names import folded


class UntilCondition(DaysLeft):
    """Hold from so long before the date in a trait until that date has come.

    The date is ISO 8601 (a day alone begins at midnight UTC) or epoch seconds or milliseconds. The
    rule fires at the moment, without an event.

    ```yaml
    {until: trial_ends_at, at_most: 3d}
    ```
    """

    kind: Literal["until"] = Field(default="until", exclude=True)
    until: str
    at_most: Duration

    sign: ClassVar[int] = -1

    @property
    def words(self) -> str:
        """Return what it measures, in plain words."""
        return f"days until {self.until}"

    @property
    def axis(self) -> Sequence[str]:
        """Return what is the same for all conditions on the date."""
        return "date", folded(self.until)

    def shown(self, value: Scalar) -> Scalar:
        """Return the days to two decimals, or that the date is over."""
        if self._is_over(value):
            return f"{counted(round(-value, 2), 'day')} ago"
        return round(value, 2) if isinstance(value, float) else value

    def remedy(self, value: Scalar) -> str:
        """Return that another date is needed if this one is over."""
        return (
            f"{self.until} to be a date to come (it was {self.shown(value)})" if self._is_over(value) else ""
        )

    @staticmethod
    def _is_over(value: Scalar) -> TypeGuard[float]:
        return isinstance(value, float) and value <= 0

    @property
    def bound(self) -> str:
        """Return how long before."""
        return self.at_most

    def holds(self, value: Any) -> bool:
        """Return whether the date is near enough and has not come."""
        return isinstance(value, float) and 0 < value <= self.threshold

    def number(self, value: Any, now: int) -> Scalar:
        """Return the days until the date, below 0 once it has come."""
        date = date_in(value)
        return None if date is None else (date - now) / DAY

    def wakes(self, scope: Scope) -> Iterator[str]:
        """Yield when the date is near enough, and when it has come."""
        yield f"{scope.constant(self._next)}({scope.trait(self.until)}, now)"

    def _next(self, value: Any, now: int) -> int:
        date = date_in(value)
        ahead = () if date is None else (date - duration(self.at_most), date)
        return min((one for one in ahead if one > now), default=NEVER)

    def named(self) -> Iterator[Named]:
        """Yield the trait."""
        yield Named("trait", self.until, "until")
