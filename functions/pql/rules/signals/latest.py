"""`latest`: the value of a property that was reported last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Newest
from pql.rules.properties import TEXT_LIMIT, scalar
from pql.rules.signals.cell import Cell
from pql.rules.signals.of_property import OfProperty
from pql.rules.signals.signal import PropertyPath


class Latest(OfProperty):
    """Remember the value of a property of the newest event that has it: a number, a word, yes or no.

    For gauges that are reported and not added up. With `within`, an older value is forgotten.

    ```yaml
    storage_gb: {latest: gigabytes, of: Storage Reported}
    ```
    """

    kind: Literal["latest"] = Field(default="latest", exclude=True)
    latest: PropertyPath

    value_of = staticmethod(scalar)
    plain_type: ClassVar[type] = type(None)

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        return f"latest {self.latest} of {self.events_words}"

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 38 + TEXT_LIMIT

    def fresh(self) -> Newest:
        """Return the memory of nothing."""
        return Newest()

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that take one event's value if it is the newest."""
        yield "if h.event == id: h.value = x"
        if self.window is not None:
            yield f"h.slide(now, {cell.constant(self.window)})"
        yield "n = h.value"
