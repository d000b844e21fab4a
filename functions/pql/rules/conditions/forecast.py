"""`forecast`: in how many days a level reaches a limit, if it goes on like this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from pql.core.lead import Scalar
from pql.rules.conditions.derived import DaysLeft
from pql.rules.durations import Duration
from pql.rules.named import Named
from pql.rules.properties import number
from pql.rules.signals.gauge import Gauge


class ForecastCondition(DaysLeft):
    """Hold when a `gauge` signal is at a limit, or will be `within` so long at its present slope.

    The limit is a trait. The slope is the straight line through the reports in the gauge's window.

    ```yaml
    {forecast: seats_used, reaches: seat_limit, within: 14d}
    ```
    """

    kind: Literal["forecast"] = Field(default="forecast", exclude=True)
    forecast: str
    reaches: str
    within: Duration

    takes_held: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """Return what it measures, in plain words."""
        return f"days until {self.forecast} reaches {self.reaches}"

    def told(self, called: Callable[[str], str]) -> str:
        """Return what it measures, with the signal as it is `called`."""
        return f"days until {called(self.forecast)} reaches {self.reaches}"

    @property
    def bound(self) -> str:
        """Return how long before."""
        return self.within

    def holds(self, value: Any) -> bool:
        """Return whether the limit is near enough."""
        return isinstance(value, float) and value <= self.threshold

    def number(self, held: Any, limit: Any, now: int) -> Scalar:  # noqa: ARG002 - as `named` says
        """Return the days until the limit, 0 when it is reached, None while the level does not rise."""
        bound = number(limit)
        if bound is None or not held:
            return None
        left = bound - held[-1][1]
        if left <= 0:
            return 0.0
        slope = Gauge.slope(held)
        return left / slope if slope is not None and slope > 0 else None

    def named(self) -> Iterator[Named]:
        """Yield the gauge and the trait."""
        yield Named("signal", self.forecast, "forecast")
        yield Named("trait", self.reaches, "reaches")
