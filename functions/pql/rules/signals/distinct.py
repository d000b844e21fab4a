"""`distinct`: how many different people, or different values of a property."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from pql.core.aggregates import Distinct as Members
from pql.core.aggregates.distinct import BY_DAY, HASHES, remembered
from pql.core.window import Window
from pql.rules.properties import property_source, words
from pql.rules.signals.cell import Cell, Usual
from pql.rules.signals.of_property import OfEvents
from pql.rules.signals.signal import PropertyPath

USERS = "users"
# A lifetime is told by the day, like a window that nothing ever leaves.
FOR_EVER = Window(BY_DAY.width, 1 << 40)


class Distinct(OfEvents):
    """Tell apart `users` (by user id, else anonymous id) or the values of a property.

    Exact up to `keep` (32 unless given): the newest are kept, so "at least k" is exact for every
    k up to it, and a rule that asks for more does not load. Costs up to 8 bytes each.

    ```yaml
    active_users: {distinct: users, of: any, within: 14d}
    teammates_invited: {distinct: invitee_email, of: Invite Sent, keep: 100}
    ```
    """

    kind: Literal["distinct"] = Field(default="distinct", exclude=True)
    distinct: PropertyPath
    keep: Annotated[int, Field(ge=1, le=1024)] = 32

    counts: ClassVar[bool] = True

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        if self.distinct == USERS:
            return f"people with {self.events_words}"
        return f"different values of {self.distinct} in {self.events_words}"

    @property
    def reads_properties(self) -> bool:
        """Return whether the event's properties must be decoded."""
        return self.distinct != USERS or bool(self.where)

    @property
    def reach(self) -> float:
        """Return the largest number its value can reach."""
        return self.keep

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + 8 * self.keep

    def is_floor(self, aggregate: Any) -> bool:
        """Return whether there may be more than are kept."""
        full: bool = aggregate.value == self.keep
        return full

    def whom(self, aggregate: Members) -> Collection[int]:
        """Return the users, if it is users that it tells apart."""
        return aggregate.newest if self.distinct == USERS else ()

    def fresh(self) -> Members:
        """Return the set of nobody."""
        return Members(self.keep)

    def folded_value(self, cell: Cell) -> Sequence[str]:
        """Return the statements that leave in `x` the hash of the user or value."""
        if self.distinct == USERS:
            return ["x = whose"]
        read = property_source(self.distinct, cell.constant)
        text, told = cell.constant(str), cell.constant(words)
        return [
            f"x = {read}",
            f"if {cell.constant(type)}(x) is not {text} or not x: x = {told}(x)",
            f"if x is not None: x = {cell.constant(HASHES)}.get(x) or {cell.constant(remembered)}(x)",
        ]

    def fold(self, cell: Cell) -> Iterable[str]:
        """Yield the statements that note one event's user or value."""
        width, reach = self.window or FOR_EVER
        bucket = cell.bucket(width)
        yield f"if {bucket} > now // {width} - {reach}: h.add(x, {bucket})"
        yield f"n = {cell.constant(len)}(h.members)"
        yield f"if n > {self.keep}: n = {self.keep}"

    def usual(self, cell: Cell) -> Usual:
        """Return that nothing is news of somebody who was there already."""
        width, _ = self.window or FOR_EVER
        return Usual(f"{cell.bucket(width)} == h.members.get(x)")
