"""`count`: how many times something was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.aggregates import Buckets, Histogram, Tally
from pql.core.aggregates.histogram import Columns
from pql.rules.dates import date_in
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.signal import Names, Signal
from pql.rules.signals.timed import counted, counting
from pql.rules.trait_names import DateTrait
from pql.rules.where import where_words
from pql.rules.windows import within_words


class Count(Signal):
    """Count events of one name, of several, or of `any`.

    With `since` only those count that happened on or after the date in a trait: within `7d` from the
    start of that UTC day on, within `24h` of that hour. Without a date in the trait nothing counts.

    ```yaml
    reports_created: {count: Report Created, within: 30d}
    pdf_exports: {count: [Report Exported, Chart Exported], where: {format: pdf}}
    reports_in_trial: {count: Report Created, since: trial_started_at, within: 30d}
    ```
    """

    kind: Literal["count"] = Field(default="count", exclude=True)
    count: Names
    since: DateTrait | None = None

    counts: ClassVar[bool] = True

    @model_validator(mode="after")
    def _since_in_a_window(self) -> Self:
        if self.since is not None and self.within is None:
            raise PydanticCustomError("count", "`since` needs a window, such as `within: 30d`")
        return self

    @property
    def dated_by(self) -> str | None:
        """Return the trait that holds the date from which on it counts."""
        return self.since

    @property
    def words(self) -> str:
        """Return what it measures in plain words, for cards and explanations."""
        if self.since is None:
            return super().words
        told = self.label or f"{self.noun}{where_words(self.where)}"
        return f"{told} since {self.since}{within_words(self.within)}"

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return self.events_words

    def fresh(self) -> Tally:
        """Return the tally of nothing."""
        return Tally() if self.since is None else Histogram()

    def read(self, aggregate: Tally) -> int | Buckets:
        """Return how many there are; where a date decides that, how many in each bucket."""
        return aggregate.held if isinstance(aggregate, Histogram) else aggregate.value

    def value_from(self, held: Buckets, date: Any) -> int:
        """Return how many there are from the bucket of the date on."""
        begun = date_in(date)
        if begun is None or self.window is None:
            return 0
        (found,) = held.weighed(_since, begun // self.window.width)
        return found

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event."""
        if self.window is None:
            yield "n = h.total = h.total + 1"
            return
        if self.dated_by is not None:
            yield from counting(self.window, cell)
            return
        width, reach = self.window
        bucket = cell.bucket(width)
        yield f"if {bucket} > now // {width} - {reach}: h.add(1, {bucket})"
        yield "n = h.total"

    def usual(self, cell: Cell) -> Usual:
        """Return that one more is counted in the bucket of the event before."""
        if self.window is None:
            return Usual("", ("n = h.total = h.total + 1",), is_one_more=True)
        if self.since is not None:
            return counted(self.window, cell)
        bucket = cell.bucket(self.window.width)
        return Usual(f"{bucket} == h.bucket", ("n = h.total = h.total + 1",), is_one_more=True)


def _since(columns: Columns, first: int) -> tuple[int]:
    return (sum(columns.since(first).amounts),)
