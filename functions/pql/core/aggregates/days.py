"""Days: on which different UTC days something was done."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.window import DAY, NEVER, Window


class Days(Traced):
    """The `keep` newest different days, as numbers since the epoch."""

    __slots__ = ("days", "keep")

    def __init__(self, keep: int) -> None:
        super().__init__()
        self.keep = keep
        self.days: set[int] = set()

    @property
    def value(self) -> int:
        """Return how many days there are: at most `keep`, which then means that many or more."""
        return len(self.days)

    def add(self, day: int) -> None:
        """Note that it was done on `day`."""
        self.days.add(day)
        if len(self.days) > self.keep:
            self.days.remove(min(self.days))
        elif day < self.first:
            self.first = day

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the days that have left `window` at `clock` and return whether any left."""
        floor = window.floor(clock)
        gone = {day for day in self.days if day < floor}
        self.days -= gone
        self.first = min(self.days, default=NEVER)
        return bool(gone)

    def merge(self, other: Days) -> None:
        """Take in the days of `other`."""
        self.see(other.at, other.event)
        for day in other.days:
            self.add(day)

    def packed(self, clock: int, _window: Window | None) -> Any:
        """Return the age of the newest day, then the days between each and the next older one."""
        ages = sorted(clock // DAY - day for day in self.days)
        return [*ages[:1], *(older - newer for newer, older in pairwise(ages))]

    def unpack(self, plain: Any, clock: int, _window: Window | None) -> None:
        """Restore what `packed` described."""
        self.days = {clock // DAY - age for age in accumulate(plain)}
        self.first = min(self.days, default=NEVER)
