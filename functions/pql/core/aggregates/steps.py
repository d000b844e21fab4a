"""Steps: when each step of a sequence was taken."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import accumulate, pairwise
from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.window import DAY, NEVER, Window


class Steps(Traced):
    """The newest `keep` moments (ms) of each step, and how many of the last complete the sequence.

    One at t completes it if the steps before it were taken at t₁ < t₂ < … < t with t - t₁ ≤ `span`.
    That is looked up in the moments and never noted, because an earlier step may arrive later.
    """

    __slots__ = ("completed", "keep", "moments", "span")

    def __init__(self, steps: int, span: int | None, keep: int) -> None:
        super().__init__()
        self.span = span
        self.keep = keep
        self.moments: list[list[int]] = [[] for _ in range(steps)]
        self.completed = 0

    @property
    def value(self) -> int:
        """Return how many moments of the last step complete the sequence."""
        return self.completed

    @property
    def full(self) -> bool:
        """Return whether moments that were forgotten may have completed the sequence.

        Those that no last step reaches do not: a row that was read again has none of them.
        """
        last = self.moments[-1]
        return len(last) >= self.keep or any(map(self._lost, last))

    def add(self, taken: int, time: int, bucket: int = NEVER) -> None:
        """Note that the steps whose bits are in `taken` were taken at `time`; `bucket` is of the window."""
        earlier = len(self.moments) - 1
        alters = False
        for step in range(earlier):
            if taken >> step & 1:
                alters |= self._take(step, time)
        if taken >> earlier:
            self._end(time)
            self.first = min(self.first, bucket)
        if alters:
            self._look()

    def _take(self, step: int, time: int) -> bool:
        """Take an earlier step and return whether that may alter what the last steps complete."""
        moments, following = self.moments[step], self.moments[step + 1]
        insort(moments, time)
        # Most events come in order: what comes after all of the next step leads to none of them yet.
        alters = bool(following) and time < following[-1]
        if len(moments) > self.keep:
            gone = moments.pop(0)
            # Only what followed before the second was reached from the oldest.
            place = bisect_right(following, gone)
            alters |= place < len(following) and following[place] <= moments[0]
        return alters

    def _end(self, time: int) -> None:
        """Take the last step; whether it completes the sequence hangs on no other of the last."""
        last = self.moments[-1]
        insort(last, time)
        self.completed += self._completes(time)
        if len(last) > self.keep:
            self.completed -= self._completes(last.pop(0))

    def _completes(self, end: int) -> bool:
        """Return whether the last step at `end` completes the sequence.

        The latest moment of each step before the next leaves the most of the span.
        """
        start = end
        for moments in self.moments[-2::-1]:
            place = bisect_left(moments, start)
            if not place:
                return False
            start = moments[place - 1]
        return self.span is None or end - start <= self.span

    def _lost(self, end: int) -> bool:
        """Return whether the way back from a last step at `end` leads out of what was kept."""
        start = end
        for moments in self.moments[-2::-1]:
            place = bisect_left(moments, start)
            if not place:
                return len(moments) >= self.keep
            start = moments[place - 1]
            if self.span is not None and end - start > self.span:
                return False
        return False

    def _look(self) -> None:
        self.completed = sum(map(self._completes, self.moments[-1]))

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the last steps that have left `window` at `clock` and return whether any left."""
        last = self.moments[-1]
        gone = bisect_left(last, window.floor(clock) * window.width)
        del last[:gone]
        self.first = window.bucket(last[0]) if last else NEVER
        if gone:
            self._look()
        return gone > 0

    def merge(self, other: Steps) -> None:
        """Take in the moments of `other`, of different events."""
        self.see(other.at, other.event)
        both = zip(self.moments, other.moments, strict=True)
        self.moments = [self._together(mine, theirs)[-self.keep :] for mine, theirs in both]
        self._look()

    def _together(self, mine: list[int], theirs: list[int]) -> list[int]:
        return sorted([*mine, *theirs])

    def packed(self, clock: int, window: Window | None) -> Any:
        """Return of each step the age of the newest moment, then the ms from each to the next older one.

        Not those from which no last step of the window can be reached any more.
        """
        horizon = -NEVER
        if window is not None and self.span is not None:
            horizon = window.floor(clock) * window.width - self.span
        ages = [
            [clock - time for time in reversed(moments[bisect_left(moments, horizon) :])]
            for moments in self.moments
        ]
        return [[*one[:1], *(older - newer for newer, older in pairwise(one))] for one in ages]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        self.moments = [[clock - age for age in accumulate(gaps)][::-1] for gaps in plain]
        last = self.moments[-1]
        if window is not None and last:
            self.first = window.bucket(last[0])
        self._look()


class DailySteps(Steps):
    """The same by UTC day: every step is taken once a day at most, at its midnight."""

    __slots__ = ()

    def add(self, taken: int, time: int, bucket: int = NEVER) -> None:
        """Note the steps that were not taken on that day before."""
        day = time - time % DAY
        for step, moments in enumerate(self.moments):
            if taken >> step & 1:
                place = bisect_left(moments, day)
                if place < len(moments) and moments[place] == day:
                    taken ^= 1 << step
        if taken:
            super().add(taken, day, bucket)

    def packed(self, clock: int, window: Window | None) -> Any:
        """Return the same in days, which fit one byte."""
        return [[gap // DAY for gap in gaps] for gaps in super().packed(clock - clock % DAY, window)]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        super().unpack([[gap * DAY for gap in gaps] for gaps in plain], clock - clock % DAY, window)

    def _together(self, mine: list[int], theirs: list[int]) -> list[int]:
        return sorted({*mine, *theirs})
