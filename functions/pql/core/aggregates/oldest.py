"""Oldest: the value that was reported first, by the time of the event."""

from __future__ import annotations

from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.lead import Scalar
from pql.core.window import NEVER, Window

# The one bucket of what is never forgotten.
EVER = 0
Told = tuple[int, str, Scalar]


def told(time: int, value: Scalar) -> Told:
    """Return what was told at `time` so that it sorts among others, unlike values of one time too."""
    return time, value.__class__.__name__, value


class Oldest(Traced):
    """The value of the oldest event, for ever or of each bucket of a window.

    Only the oldest of a bucket can ever be the oldest of a window: the buckets before it leave as
    wholes.
    """

    __slots__ = ("buckets",)

    def __init__(self) -> None:
        super().__init__()
        self.buckets: dict[int, Told] = {}

    @property
    def value(self) -> Scalar:
        """Return the value of the oldest event that is remembered."""
        return self.buckets[self.first][2] if self.buckets else None

    def add(self, time: int, value: Scalar, bucket: int) -> None:
        """Take `value` if nothing older is known of its bucket."""
        self._add(told(time, value), bucket)

    def _add(self, one: Told, bucket: int) -> None:
        known = self.buckets.get(bucket)
        # One event a time is the rule; which of two at one time comes first must not hang on arrival.
        if known is None or one < known:
            self.buckets[bucket] = one
            self.first = min(self.first, bucket)

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the buckets that have left `window` at `clock` and return whether any left."""
        floor = window.floor(clock)
        gone = [bucket for bucket in self.buckets if bucket < floor]
        for bucket in gone:
            del self.buckets[bucket]
        self.first = min(self.buckets, default=NEVER)
        return bool(gone)

    def merge(self, other: Oldest) -> None:
        """Take the older of both, bucket by bucket."""
        self.see(other.at, other.event)
        for bucket, one in other.buckets.items():
            self._add(one, bucket)

    def packed(self, clock: int, _window: Window | None) -> Any:
        """Return (age, value) pairs from the newest bucket on."""
        newest_first = sorted(self.buckets.items(), reverse=True)
        return [part for _, (time, _, value) in newest_first for part in (clock - time, value)]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        for age, value in zip(plain[::2], plain[1::2], strict=True):
            time = clock - age
            self.buckets[window.bucket(time) if window else EVER] = told(time, value)
        self.first = min(self.buckets, default=NEVER)
