"""Usage: how often each user did something, bucket by bucket."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from pql.core.aggregates.distinct import HASH_BYTES
from pql.core.aggregates.traced import Traced
from pql.core.window import NEVER, Window


class Usage(Traced):
    """The counts of the `keep` users with the lowest hash in each bucket; of all others the sum.

    A choice among all users of a window would have to be made again when some of them leave it, of
    what is forgotten by then. In a bucket nobody leaves, so the lowest are the same whatever the
    order, and who is among the lowest of all is so in every bucket: their counts are whole.

    `counts` has how often each user did it, or in how many buckets if `by_bucket`; `reached` is how
    many users have at least `least` of that, and `total` the events of everybody.
    """

    __slots__ = (
        "_highest",
        "_leaders",
        "_top",
        "by_bucket",
        "cells",
        "counts",
        "keep",
        "least",
        "others",
        "reached",
        "total",
    )

    def __init__(self, keep: int, least: int = 1, *, by_bucket: bool = False) -> None:
        super().__init__()
        self.keep = keep
        self.least = least
        self.by_bucket = by_bucket
        self.cells: dict[int, dict[int, int]] = {}
        self.others: dict[int, int] = {}
        self.counts: dict[int, int] = {}
        self.reached = 0
        self.total = 0
        self._top = 0
        self._leaders: set[int] | None = set()
        # Of the cells that are full.
        self._highest: dict[int, int] = {}

    @property
    def value(self) -> int:
        """Return how many users have reached `least`."""
        return self.reached

    @property
    def crowded(self) -> bool:
        """Return whether there were more users than are followed."""
        return bool(self.others)

    @property
    def top(self) -> int:
        """Return the count of the user who has most."""
        self._lead()
        return self._top

    @property
    def leaders(self) -> AbstractSet[int]:
        """Return the users who have most, nobody if nobody has any."""
        return self._lead()

    def _lead(self) -> set[int]:
        # A top that has lost what made it the top is looked for when it is asked for.
        if self._leaders is None:
            self._top = max(self.counts.values(), default=0)
            self._leaders = {user for user, count in self.counts.items() if count == self._top}
        return self._leaders

    @property
    def top_share(self) -> float | None:
        """Return the share of the most active user in the events of everybody, None without any."""
        return self.top / self.total if self.total else None

    def add(self, user: int, bucket: int, times: int = 1) -> None:
        """Count what `user` did in `bucket`."""
        self.total += times
        cell = self.cells.get(bucket)
        if cell is None:
            cell = self.cells[bucket] = {}
            self.first = min(self.first, bucket)
        known = cell.get(user)
        if known is None and len(cell) >= self.keep and user > self._highest_of(bucket, cell):
            self.others[bucket] = self.others.get(bucket, 0) + times
            return
        cell[user] = times + (known or 0)
        if not self.by_bucket:
            self._count(user, times)
        elif known is None:
            self._count(user, 1)
        if len(cell) > self.keep:
            highest = self._highest_of(bucket, cell)
            del self._highest[bucket]
            self.others[bucket] = self.others.get(bucket, 0) + cell[highest]
            self._drop(highest, cell)

    def _highest_of(self, bucket: int, cell: dict[int, int]) -> int:
        """Return the highest of the users in a full cell: it stays so until one that is lower comes."""
        highest = self._highest.get(bucket)
        if highest is None:
            highest = self._highest[bucket] = max(cell)
        return highest

    def _count(self, user: int, more: int) -> None:
        before = self.counts.get(user, 0)
        now = before + more
        self.counts[user] = now
        self.reached += (now >= self.least) - (before >= self.least)
        if more < 0:
            if before == self._top:
                self._leaders = None
        elif self._leaders is not None and now >= self._top:
            if now > self._top and self._leaders != {user}:
                self._leaders = {user}
            self._top = now
            self._leaders.add(user)
        if not now:
            del self.counts[user]

    def _drop(self, user: int, cell: dict[int, int]) -> None:
        times = cell.pop(user)
        self._count(user, -1 if self.by_bucket else -times)

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the buckets that have left `window` at `clock` and return whether any left."""
        floor = window.floor(clock)
        gone = [bucket for bucket in self.cells if bucket < floor]
        for bucket in gone:
            cell = self.cells.pop(bucket)
            self._highest.pop(bucket, None)
            self.total -= sum(cell.values()) + self.others.pop(bucket, 0)
            for user in tuple(cell):
                self._drop(user, cell)
        self.first = min(self.cells, default=NEVER)
        return bool(gone)

    def merge(self, other: Usage) -> None:
        """Take in what `other` counted of different events."""
        self.see(other.at, other.event)
        for bucket, cell in other.cells.items():
            for user, times in cell.items():
                self.add(user, bucket, times)
        for bucket, times in other.others.items():
            self._add_others(bucket, times)

    def _add_others(self, bucket: int, times: int) -> None:
        self.total += times
        self.cells.setdefault(bucket, {})
        self.first = min(self.first, bucket)
        self.others[bucket] = self.others.get(bucket, 0) + times

    def packed(self, clock: int, window: Window | None) -> Any:
        """Return the hashes as one byte string and, newest bucket first, what each bucket holds.

        That is its age, the events of the others, then pairs of a place among the hashes and a count.
        """
        here = window.bucket(clock) if window else 0
        users = sorted(self.counts)
        places = {user: place for place, user in enumerate(users)}
        rows = [
            [here - bucket, self.others.get(bucket, 0), *_pairs(cell, places)]
            for bucket, cell in sorted(self.cells.items(), reverse=True)
        ]
        return [b"".join(user.to_bytes(HASH_BYTES, "big") for user in users), *rows]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        here = window.bucket(clock) if window else 0
        hashes, *rows = plain
        users = [
            int.from_bytes(hashes[start : start + HASH_BYTES], "big")
            for start in range(0, len(hashes), HASH_BYTES)
        ]
        for age, others, *pairs in rows:
            for place, times in zip(pairs[::2], pairs[1::2], strict=True):
                self.add(users[place], here - age, times)
            if others:
                self._add_others(here - age, others)


def _pairs(cell: dict[int, int], places: dict[int, int]) -> list[int]:
    return [part for user, times in sorted(cell.items()) for part in (places[user], times)]
