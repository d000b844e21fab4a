"""Histogram: how many in each bucket, looked at as a whole after every event."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from operator import add
from typing import Any, Self

from pql.core.aggregates.tally import Tally
from pql.core.window import NEVER, Window

Weigh = Callable[["Columns", int], tuple[int, ...]]


class Columns:
    """Buckets, oldest first, and what each holds; never changed, so that they can be shared."""

    __slots__ = ("_known", "amounts", "buckets")

    def __init__(self, buckets: tuple[int, ...], amounts: tuple[int, ...]) -> None:
        self.buckets = buckets
        self.amounts = amounts
        self._known: tuple[int, tuple[int, ...]] | None = None

    @classmethod
    def of(cls, held: Mapping[int, int]) -> Self:
        """Return what a mapping of buckets holds."""
        buckets = tuple(sorted(held))
        return cls(buckets, tuple(map(held.__getitem__, buckets)))

    def put(self, bucket: int, amount: int) -> Columns:
        """Return these with one more bucket, which is none of them."""
        place = bisect_left(self.buckets, bucket)
        if place == len(self.buckets):
            return Columns(self.buckets + (bucket,), self.amounts + (amount,))  # noqa: RUF005 - half the time
        return Columns(
            (*self.buckets[:place], bucket, *self.buckets[place:]),
            (*self.amounts[:place], amount, *self.amounts[place:]),
        )

    def without(self, bucket: int) -> Columns:
        """Return these but for one, which need not be among them."""
        place = bisect_left(self.buckets, bucket)
        if self.buckets[place : place + 1] != (bucket,):
            return self
        return Columns(
            self.buckets[:place] + self.buckets[place + 1 :], self.amounts[:place] + self.amounts[place + 1 :]
        )

    def since(self, bucket: int) -> Columns:
        """Return those from one bucket on."""
        place = bisect_left(self.buckets, bucket)
        return Columns(self.buckets[place:], self.amounts[place:]) if place else self

    def weighed(self, weigh: Weigh, here: int) -> tuple[int, ...]:
        """Return what `weigh` makes of them at the bucket `here`; nobody asks with two different ones."""
        known = self._known
        if known is None or known[0] != here:
            known = self._known = here, weigh(self, here)
        return known[1]


class Buckets:
    """What each bucket held at one moment: all `others`, and an `amount` in the `newest` that was added to.

    What is made of it by sums is made of the others once, until they change.
    """

    __slots__ = ("amount", "newest", "others")

    def __init__(self, others: Columns, newest: int | None, amount: int) -> None:
        self.others = others
        self.newest = newest
        self.amount = amount

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield each bucket with what it holds, oldest first."""
        whole = self.whole
        return zip(whole.buckets, whole.amounts, strict=True)

    @property
    def whole(self) -> Columns:
        """Return all of them."""
        return self.others if self.newest is None else self.others.put(self.newest, self.amount)

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return self.newest is not None or bool(self.others.buckets)

    def __eq__(self, other: object) -> bool:
        """Return whether the same buckets hold the same, whichever was added to last."""
        if not isinstance(other, Buckets):
            return NotImplemented
        if self.others is other.others and self.newest == other.newest:
            return self.amount == other.amount
        mine, theirs = self.whole, other.whole
        return mine.buckets == theirs.buckets and mine.amounts == theirs.amounts

    def __hash__(self) -> int:
        """Return the hash of what they hold."""
        return hash(tuple(self))

    def weighed(self, weigh: Weigh, here: int) -> tuple[int, ...]:
        """Return what `weigh` makes of all at the bucket `here`: sums, each over buckets one by one."""
        found = self.others.weighed(weigh, here)
        if self.newest is None:
            return found
        return tuple(map(add, found, weigh(Columns((self.newest,), (self.amount,)), here)))


class Histogram(Tally):
    """A tally that is read bucket by bucket."""

    __slots__ = ("_others",)

    def __init__(self) -> None:
        super().__init__()
        # What `older` holds, as long as nobody but this class has had it in hand.
        self._others: Columns | None = None

    @property
    def held(self) -> Buckets:
        """Return what each bucket holds now."""
        others = self._others
        if others is None:
            others = self._others = Columns.of(self.older)
        return Buckets(others, self.bucket, self.total - self.rest)

    @property
    def buckets(self) -> dict[int, int]:
        """Return what each bucket holds, to look at or to change."""
        self._others = None
        return super().buckets

    def add(self, amount: int, bucket: int | None) -> None:
        """Add `amount`."""
        if bucket is None or bucket == self.bucket:
            super().add(amount, bucket)
            return
        others = self.held.whole.without(bucket)
        super().add(amount, bucket)
        self._others = others

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the buckets that have left `window` at `clock` and return whether anything left."""
        whole, floor = self.held.whole, window.floor(clock)
        left = whole.since(floor)
        buckets = self.buckets
        for bucket in whole.buckets[: len(whole.buckets) - len(left.buckets)]:
            self.total -= buckets.pop(bucket)
        self._others = left
        self.first = left.buckets[0] if left.buckets else NEVER
        return left is not whole

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        super().unpack(plain, clock, window)
        self._others = None
