"""`count`: how many times something was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Tally
from pql.rules.signals.signal import Cell, Names, Signal


class Count(Signal):
    """Count events of one name, of several, or of `any`.

    ```yaml
    reports_created: {count: Report Created, within: 30d}
    pdf_exports: {count: [Report Exported, Chart Exported], where: {format: pdf}}
    ```
    """

    kind: Literal["count"] = Field(default="count", exclude=True)
    count: Names

    counts: ClassVar[bool] = True

    @property
    def is_number(self) -> bool:
        """Return that its value is always a number."""
        return True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return self.events_words

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally()

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event."""
        if self.window is None:
            yield "n = h.total = h.total + 1"
            return
        width, reach = self.window
        bucket = cell.bucket(width)
        yield f"if {bucket} == h.bucket: h.recent += 1; h.total += 1"
        yield f"elif {bucket} > now // {width} - {reach}: h.add(1, {bucket})"
        yield "n = h.total"
