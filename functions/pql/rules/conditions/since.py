"""`since`: how long ago a date was that a trait holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.lead import Scalar
from pql.core.plain_words import counted
from pql.core.window import DAY, NEVER, duration
from pql.rules.conditions.condition import Scope
from pql.rules.conditions.derived import Derived
from pql.rules.dates import date_in
from pql.rules.durations import Duration
from pql.rules.element import exactly_one
from pql.rules.named import Named
from pql.rules.names import folded


class SinceCondition(Derived):
    """Hold from so long after the date in a trait (`at_least`), or until so long after it (`at_most`).

    A date still to come has not passed: neither holds. Dates are written as for `until`.

    ```yaml
    {since: signed_up_at, at_most: 14d}
    ```
    """

    model_config: ClassVar[ConfigDict] = exactly_one("at_least", "at_most")

    kind: Literal["since"] = Field(default="since", exclude=True)
    since: str
    at_least: Duration | None = None
    at_most: Duration | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) is (self.at_most is None):
            raise PydanticCustomError("since", "expected exactly one of at_least, at_most")
        return self

    @property
    def words(self) -> str:
        """Return what it measures, in plain words."""
        return f"days since {self.since}"

    @property
    def axis(self) -> Sequence[str]:
        """Return what is the same for all conditions on the date."""
        return "date", folded(self.since)

    def shown(self, value: Scalar) -> Scalar:
        """Return the days to two decimals, or that the date is still to come."""
        if isinstance(value, float) and value < 0:
            return f"{counted(round(-value, 2), 'day')} to come"
        return round(value, 2) if isinstance(value, float) else value

    @property
    def _bound(self) -> int:
        return duration(self.at_least or self.at_most or "")

    @property
    def threshold(self) -> float:
        """Return the bound in days."""
        return self._bound / DAY

    @property
    def test_words(self) -> str:
        """Return the comparison in plain words."""
        return "at least" if self.at_least else "at most"

    @property
    def opposite_words(self) -> str:
        """Return what holds when the comparison does not."""
        return "less than" if self.at_least else "more than"

    def holds(self, value: Any) -> bool:
        """Return whether the date has passed, long enough or lately enough."""
        if not isinstance(value, float) or value < 0:
            return False
        return value >= self.threshold if self.at_least else value <= self.threshold

    def number(self, value: Any, now: int) -> Scalar:
        """Return the days since the date, below 0 until it has come."""
        date = date_in(value)
        return None if date is None else (now - date) / DAY

    def wakes(self, scope: Scope) -> Iterator[str]:
        """Yield when the date comes, when the bound is reached, and when it is passed."""
        yield f"{scope.constant(self._next)}({scope.trait(self.since)}, now)"

    def _next(self, value: Any, now: int) -> int:
        date = date_in(value)
        ahead = () if date is None else (date, date + self._bound, date + self._bound + 1)
        return min((one for one in ahead if one > now), default=NEVER)

    def named(self) -> Iterator[Named]:
        """Yield the trait."""
        yield Named("trait", self.since, "since")
