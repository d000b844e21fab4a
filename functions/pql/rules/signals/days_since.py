"""`days_since`: how long ago something was done last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Newest
from pql.rules.signals.cell import Cell
from pql.rules.signals.elapsed import Elapsed
from pql.rules.signals.signal import Names


class DaysSince(Elapsed):
    """Tell how many days have passed since one of the events happened; nothing if none ever did.

    Parts of days count. It grows by time alone, so a rule on it fires without an event.

    ```yaml
    silent_for: {days_since: any}
    ```
    """

    kind: Literal["days_since"] = Field(default="days_since", exclude=True)
    days_since: Names
    within: None = None

    measures: ClassVar[bool] = True

    nothing: ClassVar[str] = "it never happened"

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"days since {self.events_words}"

    def fresh(self) -> Newest:
        """Return the memory of nothing."""
        return Newest()

    def fold(self, cell: Cell) -> Iterable[str]:  # noqa: ARG002 - the aggregate has seen the event
        """Yield the statement that takes the newest event's time."""
        yield "n = h.value = h.at"
