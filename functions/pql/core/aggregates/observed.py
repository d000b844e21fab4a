"""Observed: what was reported when, and how often it changed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from pql.core.aggregates.oldest import Told, told
from pql.core.aggregates.traced import Traced
from pql.core.lead import Scalar
from pql.core.window import NEVER, Window

Change = Callable[[Any, Any], bool]


class Observed(Traced):
    """The newest `keep` reports, and how many of them `are_change` of the one before.

    With a window, changes before `since` (epoch ms) do not count; the newest report before it is
    kept, because the first change within is a change of that one.
    """

    __slots__ = ("are_change", "keep", "reports", "since", "value")

    def __init__(self, are_change: Change, keep: int) -> None:
        super().__init__()
        self.are_change = are_change
        self.keep = keep
        self.reports: list[Told] = []
        self.since = -NEVER
        self.value = 0

    @property
    def full(self) -> bool:
        """Return whether older reports that matter may have been forgotten.

        Those before the window do not, but for the newest of them: a row that was read again has no other.
        """
        return len(self.reports) - self._needed(self.since) >= self.keep

    def add(self, time: int, value: Scalar, since: int = -NEVER, bucket: int = NEVER) -> None:
        """Note that `value` was reported at `time`, which lies in `bucket` of the window."""
        self.since = max(self.since, since)
        if time >= since and bucket < self.first:
            self.first = bucket
        self._add(told(time, value))

    def _add(self, report: Told) -> None:
        reports = self.reports
        place = bisect_left(reports, report)
        # The same at the same time says nothing new.
        if place < len(reports) and reports[place] == report:
            return
        self.value -= self._changes(place)
        reports.insert(place, report)
        self.value += self._changes(place) + self._changes(place + 1)
        if len(reports) > self.keep:
            self.value -= self._changes(1)
            del reports[0]

    def _changes(self, place: int) -> bool:
        """Return whether the report at `place` is a change of the one before, and counts."""
        if not 0 < place < len(self.reports):
            return False
        (_, _, before), (time, _, after) = self.reports[place - 1], self.reports[place]
        return time >= self.since and self.are_change(before, after)

    def slide(self, clock: int, window: Window) -> bool:
        """Forget what has left `window` at `clock` and return whether anything left."""
        self.since = max(self.since, window.floor(clock) * window.width)
        inside = self._inside()
        left = self.first < window.floor(clock)
        self.first = window.bucket(self.reports[inside][0]) if inside < len(self.reports) else NEVER
        del self.reports[: self._needed(self.since)]
        self._look()
        return left

    def _inside(self) -> int:
        return bisect_left(self.reports, (self.since,))

    def _needed(self, since: int) -> int:
        """Return the place of the oldest report that matters where changes before `since` do not count."""
        return max(0, bisect_left(self.reports, (since,)) - 1)

    def _look(self) -> None:
        self.value = sum(map(self._changes, range(len(self.reports))))

    def merge(self, other: Observed) -> None:
        """Take in the reports of `other`."""
        self.see(other.at, other.event)
        self.since = max(self.since, other.since)
        for report in other.reports:
            self._add(report)
        self._look()

    def packed(self, clock: int, window: Window | None) -> Any:
        """Return (age, value) pairs from the newest on, as far back as they matter."""
        oldest = 0
        if window is not None:
            oldest = self._needed(window.floor(clock) * window.width)
        newest_first = reversed(self.reports[oldest:])
        return [part for time, _, value in newest_first for part in (clock - time, value)]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        ages, values = reversed(plain[::2]), reversed(plain[1::2])
        self.reports = [told(clock - age, value) for age, value in zip(ages, values, strict=True)]
        if window is not None:
            self.since = window.floor(clock) * window.width
            inside = self._inside()
            if inside < len(self.reports):
                self.first = window.bucket(self.reports[inside][0])
        self._look()
