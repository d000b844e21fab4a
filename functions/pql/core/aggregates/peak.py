"""Peak: the largest number reported."""

from __future__ import annotations

from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.window import NEVER, Window


class Peak(Traced):
    """The largest number, for ever or by bucket of a window.

    `recent` is the largest of the last `bucket` that one was added to, beside all others in `buckets`.
    """

    __slots__ = ("bucket", "buckets", "recent", "value")

    def __init__(self) -> None:
        super().__init__()
        self.value: float | None = None
        self.buckets: dict[int, float] = {}
        self.bucket: int | None = None
        self.recent: float = 0

    def add(self, number: float, bucket: int | None) -> None:
        """Take `number` if it is larger than what is held; without a bucket it stays for ever."""
        if self.value is None or number > self.value:
            self.value = number
        if bucket is not None and (bucket not in self.buckets or number > self.buckets[bucket]):
            self.bucket, self.recent = bucket, number
            self.buckets[bucket] = number
            if bucket < self.first:
                self.first = bucket

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the buckets that have left `window` at `clock` and return whether any left."""
        floor = window.floor(clock)
        gone = [bucket for bucket in self.buckets if bucket < floor]
        for bucket in gone:
            del self.buckets[bucket]
        self.bucket = None
        if gone:
            self.value = max(self.buckets.values(), default=None)
        self.first = min(self.buckets, default=NEVER)
        return bool(gone)

    def merge(self, other: Peak) -> None:
        """Take in the numbers of `other`."""
        self.see(other.at, other.event)
        for bucket, number in other.buckets.items():
            self.add(number, bucket)
        if not other.buckets and other.value is not None:
            self.add(other.value, None)

    def packed(self, clock: int, window: Window | None) -> Any:
        """Return the number, or (age of bucket, number) pairs from the newest bucket on."""
        if window is None:
            return self.value
        here = window.bucket(clock)
        return [part for b in sorted(self.buckets, reverse=True) for part in (here - b, self.buckets[b])]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        if window is None:
            self.value = plain
            return
        here = window.bucket(clock)
        self.buckets = {here - age: number for age, number in zip(plain[::2], plain[1::2], strict=True)}
        self.value = max(self.buckets.values(), default=None)
        self.first = min(self.buckets, default=NEVER)
