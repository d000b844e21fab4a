"""Tally: how many, or how much in millionths."""

from __future__ import annotations

from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.window import NEVER, Window

MILLION = 1_000_000
SATURATED = 2**63 - 1


class Tally(Traced):
    """A total of whole numbers, for ever or by bucket of a window.

    Sums are kept in millionths, rounded once per event, because adding floats in another order
    gives another sum. `total` is exact; only reading it saturates.

    Most events fall into the `bucket` of the one before: what it holds is the total less `rest`, and to add
    to it is to add to the total. All other buckets are in `older`.
    """

    __slots__ = ("bucket", "older", "rest", "total")

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        self.rest = 0
        self.bucket: int | None = None
        self.older: dict[int, int] = {}

    @property
    def value(self) -> int:
        """Return the total, held within ±(2⁶³ - 1)."""
        return max(-SATURATED, min(SATURATED, self.total))

    @property
    def buckets(self) -> dict[int, int]:
        """Return what each bucket holds."""
        if self.bucket is not None:
            self.older[self.bucket] = self.total - self.rest
            self.bucket = None
        return self.older

    def add(self, amount: int, bucket: int | None) -> None:
        """Add `amount`; without a bucket it counts for ever."""
        if bucket is not None and bucket != self.bucket:
            self.rest = self.total - self.buckets.pop(bucket, 0)
            self.bucket = bucket
            if bucket < self.first:
                self.first = bucket
        self.total += amount

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the buckets that have left `window` at `clock` and return whether anything left."""
        floor = window.floor(clock)
        buckets = self.buckets
        gone = [bucket for bucket in buckets if bucket < floor]
        for bucket in gone:
            self.total -= buckets.pop(bucket)
        self.first = min(buckets, default=NEVER)
        return bool(gone)

    def merge(self, other: Tally) -> None:
        """Take in what `other` counted from different events."""
        self.see(other.at, other.event)
        buckets = self.buckets
        self.total += other.total
        self.first = min(self.first, other.first)
        for bucket, amount in other.buckets.items():
            buckets[bucket] = buckets.get(bucket, 0) + amount

    def packed(self, clock: int, window: Window | None) -> Any:
        """Return the total, or (age of bucket, amount) pairs from the newest bucket on."""
        if window is None:
            return boxed(self.total)
        here = window.bucket(clock)
        newest_first = sorted(self.buckets.items(), reverse=True)
        return [part for bucket, amount in newest_first for part in (here - bucket, boxed(amount))]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        if window is None:
            self.total = unboxed(plain)
            return
        here = window.bucket(clock)
        self.older = {here - age: unboxed(n) for age, n in zip(plain[::2], plain[1::2], strict=True)}
        self.total = sum(self.older.values())
        self.first = min(self.older, default=NEVER)


def millionths(amount: float) -> int:
    """Return `amount` in whole millionths, held within ±2⁶³ before scaling."""
    if -SATURATED < amount < SATURATED:
        return round(amount * MILLION)
    return (SATURATED if amount > 0 else -SATURATED) * MILLION


def boxed(number: int) -> int | bytes:
    """Return `number` as MessagePack can carry it: beyond 64 bits as bytes."""
    if -(2**63) <= number < 2**64:
        return number
    return number.to_bytes((number.bit_length() + 8) // 8, "big", signed=True)


def unboxed(plain: int | bytes) -> int:
    """Return the number that `boxed` carried."""
    return plain if isinstance(plain, int) else int.from_bytes(plain, "big", signed=True)
