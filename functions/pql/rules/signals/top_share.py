"""`top_share`: how much of the use is one person's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Usage
from pql.core.lead import Role, Scalar, Unit
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_users import OfUsers
from pql.rules.signals.signal import Names


class TopShare(OfUsers):
    """Divide the events of the most active person by those of everybody: from 0 to 1, nothing without any.

    Everybody's events are counted; up to `keep` people (64 unless given) in a day, or hour, of the
    window are told apart, those with the lowest hash. With more, the share may be higher.

    ```yaml
    concentration: {top_share: any, within: 30d}
    ```
    """

    kind: Literal["top_share"] = Field(default="top_share", exclude=True)
    top_share: Names

    measures: ClassVar[bool] = True
    role: ClassVar[Role] = "champion"
    unit: ClassVar[Unit | None] = "%"

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"the most active person's share of {self.all_words}"

    @property
    def reach(self) -> float:
        """Return the largest number its value can reach."""
        return 1

    def remedy(self, bound: str) -> str:  # noqa: ARG002 - it does not say the number
        """Return what to do about a `bound` beyond `reach`."""
        return "a share is written as 0.8, not as 80"

    def whom(self, aggregate: Usage) -> Collection[int]:
        """Return the most active person, several if they are equal."""
        return aggregate.leaders

    def read(self, aggregate: Any) -> Scalar:
        """Return the value conditions compare."""
        share: Scalar = aggregate.top_share
        return share

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that count one event of a person."""
        yield self.counting(cell)
        yield "n = h.top_share"
