"""`days_since`: how long ago something was done last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from pql.core.aggregates import Newest
from pql.core.lead import Scalar
from pql.core.window import DAY, NEVER
from pql.rules.signals.signal import Cell, Names, Signal


class DaysSince(Signal):
    """Tell how many days have passed since one of the events happened; nothing if none ever did.

    Parts of days count. It grows by time alone, so a rule on it fires without an event.

    ```yaml
    silent_for: {days_since: any}
    ```
    """

    kind: Literal["days_since"] = Field(default="days_since", exclude=True)
    days_since: Names
    within: None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the events it listens to, as written."""
        return self.days_since

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"days since {self.events_words}"

    @property
    def is_timed(self) -> bool:
        """Return that it grows by time alone."""
        return True

    def fresh(self) -> Newest:
        """Return the memory of nothing."""
        return Newest()

    def fold(self, cell: Cell) -> Iterable[str]:  # noqa: ARG002 - the aggregate has seen the event
        """Yield the statement that takes the newest event's time."""
        yield "n = h.value = h.at"

    def value_at(self, held: Any, now: int) -> Scalar:
        """Return the days since `held`; 0 for what a fast clock has put ahead of ours."""
        return None if held is None else max(0.0, (now - held) / DAY)

    def crossing(self, held: Any, bound: float, now: int) -> int:
        """Return when so many days will have passed."""
        moment = NEVER if held is None else held + round(bound * DAY)
        return moment if moment > now else NEVER
