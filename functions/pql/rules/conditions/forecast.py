"""`forecast`: in how many days a level reaches a limit, if it goes on like this."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from pql.core.lead import Scalar
from pql.core.plain_words import said
from pql.rules.conditions.derived import DaysLeft
from pql.rules.durations import Duration
from pql.rules.named import Named
from pql.rules.names import folded
from pql.rules.properties import number
from pql.rules.signals.gauge import Gauge
from pql.rules.trait_names import Limit


class ForecastCondition(DaysLeft):
    """Hold when a `gauge` signal is at a limit, or will be `within` so long at its present slope.

    The limit is a number, or the name of a trait that holds one (`reaches: seat_limit`). The slope is
    the straight line through the reports in the gauge's window, and the days are those from the newest
    of them on.

    ```yaml
    {forecast: gigabytes_stored, reaches: 100, within: 14d}
    ```
    """

    kind: Literal["forecast"] = Field(default="forecast", exclude=True)
    forecast: str
    reaches: Limit
    within: Duration

    takes_held: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """Return what it measures, in plain words."""
        return self.told(str)

    @property
    def axis(self) -> Sequence[str]:
        """Return what is the same for conditions on the same days: the limit is part of it."""
        limit = folded(self.reaches) if isinstance(self.reaches, str) else self.reaches
        return type(self).__name__, self.forecast, repr(limit)

    def told(self, called: Callable[[str], str]) -> str:
        """Return what it measures, with the signal as it is `called`."""
        return f"days until {called(self.forecast)} reaches {said(self.reaches)}"

    @property
    def bound(self) -> str:
        """Return how long before."""
        return self.within

    def holds(self, value: Any) -> bool:
        """Return whether the limit is near enough."""
        return isinstance(value, float) and value <= self.threshold

    def unknown(self, held: Any, *told: Any) -> str | None:
        """Return the level and the limit while the one does not rise to the other; None without a report."""
        bound = self._bound(told)
        if not held:
            return None
        if bound is None:
            return f"at {said(held[-1][1])}, and {said(self.reaches)} is no number"
        how = "reported only once" if Gauge.slope(held) is None else "not rising"
        return f"{how}, at {said(held[-1][1])} of {said(bound)}"

    def number(self, held: Any, *told: Any) -> Scalar:
        """Return the days until the limit, 0 when it is reached, None while the level does not rise.

        What is `told` is the trait, if the limit is one, and the clock.
        """
        bound = self._bound(told)
        if bound is None or not held:
            return None
        left = bound - held[-1][1]
        if left <= 0:
            return 0.0
        slope = Gauge.slope(held)
        return left / slope if slope is not None and slope > 0 else None

    def _bound(self, told: Sequence[Any]) -> float | None:
        return number(told[0] if isinstance(self.reaches, str) else self.reaches)

    def named(self) -> Iterator[Named]:
        """Yield the gauge, and the trait if the limit is one."""
        yield Named("signal", self.forecast, "forecast")
        if isinstance(self.reaches, str):
            yield Named("trait", self.reaches, "reaches")
