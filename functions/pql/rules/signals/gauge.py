"""`gauge`: a level that is reported day by day, and where it is heading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Observed
from pql.core.lead import Scalar
from pql.core.window import DAY, window
from pql.rules.properties import number, storable
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_property import OfProperty
from pql.rules.signals.signal import PropertyPath
from pql.rules.windows import WithinDays

REPORTS_KEPT = 64
Reports = tuple[tuple[int, float], ...]


def level(value: Any) -> float | None:
    """Return a value as a level that the table can hold; None if it is none."""
    found = number(value)
    return None if found is None else storable(found)


class Gauge(OfProperty):
    """Remember the last 64 reports of a level within a window; its value is the newest of them.

    A `forecast` condition reads from it where the level is heading.

    ```yaml
    seats_used: {gauge: seats, of: Seats Counted, within: 30d}
    ```
    """

    kind: Literal["gauge"] = Field(default="gauge", exclude=True)
    gauge: PropertyPath
    within: WithinDays

    value_of: ClassVar[Any] = staticmethod(level)
    plain_type: ClassVar[type] = type(None)

    @property
    def only_numbers(self) -> bool:
        """Return that it takes nothing but numbers."""
        return True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"{self.gauge} of {self.events_words}"

    @property
    def is_timed(self) -> bool:
        """Return that its value is read out of the reports."""
        return True

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + 14 * REPORTS_KEPT

    def fresh(self) -> Observed:
        """Return the memory of no report."""
        return Observed(_never, REPORTS_KEPT)

    def read(self, aggregate: Observed) -> Reports:
        """Return (time, level) of each report, oldest first."""
        return reports(aggregate)

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that take one report."""
        width, reach = window(self.within)
        bucket = cell.bucket(width)
        yield f"h.add(time, x, (now // {width} - {reach} + 1) * {width}, {bucket})"
        yield f"n = {cell.constant(reports)}(h)"

    def value_at(self, held: Any, now: int) -> Scalar:  # noqa: ARG002 - a level stays until the next report
        """Return the newest level."""
        return held[-1][1] if held else None

    @staticmethod
    def slope(held: Reports) -> float | None:
        """Return the change of the level per day, by least squares over the reports; None below two times."""
        if len(held) < 2 or held[0][0] == held[-1][0]:
            return None
        days = [(time - held[0][0]) / DAY for time, _ in held]
        levels = [level for _, level in held]
        middle, level = sum(days) / len(days), sum(levels) / len(levels)
        spread = sum((day - middle) ** 2 for day in days)
        return sum((day - middle) * (one - level) for day, one in zip(days, levels, strict=True)) / spread


def reports(observed: Observed) -> Reports:
    """Return (time, level) of each report that counts, oldest first; of one time the highest last."""
    found = [
        (time, value)
        for time, _, value in observed.reports
        if time >= observed.since and isinstance(value, (int, float))
    ]
    return tuple(sorted(found))


def _never(_before: Any, _after: Any) -> bool:
    return False
