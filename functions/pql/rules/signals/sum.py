"""`sum`: how much, added up over a property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.core.aggregates.tally import MILLION, SATURATED, millionths
from pql.rules.properties import number
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.of_property import OfProperty
from pql.rules.signals.signal import PropertyPath


class Sum(OfProperty):
    """Add up a numeric property; events without a number in it are passed over.

    Exact to a millionth, in whatever order the events arrive.

    ```yaml
    hours_tracked: {sum: duration_hours, of: Session Ended, within: 7d}
    ```
    """

    kind: Literal["sum"] = Field(default="sum", exclude=True)
    sum: PropertyPath

    value_of = staticmethod(number)

    @property
    def is_number(self) -> bool:
        """Return that its value is always a number."""
        return True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"total {self.sum} of {self.events_words}"

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def read(self, aggregate: Any) -> float:
        """Return the total as conditions compare it."""
        return _whole(aggregate.total)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that add one event's amount."""
        scaled, whole = cell.constant(millionths), cell.constant(_whole)
        if self.window is None:
            yield f"h.total += {scaled}(x)"
        else:
            width, reach = self.window
            bucket = cell.bucket(width)
            yield f"if {bucket} > now // {width} - {reach}: h.add({scaled}(x), {bucket})"
        yield f"n = {whole}(h.total)"

    def usual(self, cell: Cell) -> Usual | None:
        """Return that the amount is added in the bucket of the event before."""
        if self.window is None:
            return None
        scaled, whole = cell.constant(millionths), cell.constant(_whole)
        return Usual(
            f"{cell.bucket(self.window.width)} == h.bucket",
            (f"h.total += {scaled}(x)", f"n = {whole}(h.total)"),
        )


def _whole(total: int) -> float:
    amount, rest = divmod(total, MILLION)
    exact = total / MILLION if rest else amount
    return exact if -SATURATED < exact < SATURATED else max(-SATURATED, min(SATURATED, exact))
