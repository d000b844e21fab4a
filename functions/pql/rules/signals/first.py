"""`first`: the value of a property that was reported first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Oldest
from pql.core.aggregates.oldest import EVER
from pql.rules.properties import TEXT_LIMIT, scalar
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_property import OfProperty
from pql.rules.signals.signal import PropertyPath


class First(OfProperty):
    """Remember the value of a property of the oldest event that has it: a number, a word, yes or no.

    With `within`, of the oldest event in the window, to hold the `latest` value against. Of two
    events at the same millisecond the smaller number, or the word that sorts first, is taken.

    ```yaml
    came_from: {first: utm_source, of: Signed Up}
    seats_a_month_ago: {first: seats, of: Seats Counted, within: 30d}
    ```
    """

    kind: Literal["first"] = Field(default="first", exclude=True)
    first: PropertyPath

    value_of = staticmethod(scalar)
    plain_type: ClassVar[type] = type(None)

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"first {self.first} of {self.events_words}"

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + (8 + TEXT_LIMIT) * (self.window.held if self.window else 1)

    def fresh(self) -> Oldest:
        """Return the memory of nothing."""
        return Oldest()

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that take one event's value if it is the oldest."""
        if self.window is None:
            yield f"h.add(time, x, {EVER})"
        else:
            width, reach = self.window
            bucket = cell.bucket(width)
            yield f"if {bucket} > now // {width} - {reach}: h.add(time, x, {bucket})"
        yield "n = h.value"
