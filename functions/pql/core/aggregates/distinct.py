"""Distinct: how many different users or values, exact up to a bound."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.window import DAY, NEVER, Window

# 48 bits: among 1,024 members two share a hash with a chance of 2 in 10^9.
HASH_BYTES = 6
BY_DAY = Window(DAY, 1)


class Distinct(Traced):
    """The `keep` members with the newest bucket, ties by hash.

    The newest K contain min(K, true count) members of every trailing window, so a test for at
    least k ≤ K is exact. A member that was dropped comes back only with a newer bucket, which makes
    the set the same in whatever order the events arrive.
    """

    __slots__ = ("keep", "lowest", "members")

    def __init__(self, keep: int) -> None:
        super().__init__()
        self.keep = keep
        self.members: dict[int, int] = {}
        self.lowest = (-NEVER, 0)

    @property
    def value(self) -> int:
        """Return how many members there are: at most `keep`, which then means that many or more."""
        return min(len(self.members), self.keep)

    @property
    def newest(self) -> list[int]:
        """Return the members that are kept: in memory there may be more, until they are pruned."""
        return [member for member, _ in self._newest()]

    def add(self, member: int, bucket: int) -> None:
        """Note that `member` was there in `bucket`."""
        if bucket <= self.lowest[0] and (bucket, member) < self.lowest:
            return
        members = self.members
        if bucket > members.get(member, -NEVER):
            members[member] = bucket
            if bucket < self.first:
                self.first = bucket
            if len(members) > 2 * self.keep:
                self._prune()

    def _prune(self) -> None:
        """Keep the newest, and remember the lowest of them: what lies below it can never count.

        Between two prunings up to twice as many are held: sorting once for so many arrivals costs a
        tenth of looking for the oldest at each.
        """
        newest = self._newest()
        self.members = dict(newest)
        member, bucket = newest[-1]
        self.lowest = (bucket, member)
        self.first = bucket

    def _newest(self) -> list[tuple[int, int]]:
        return sorted(self.members.items(), key=_by_age)[: self.keep]

    def slide(self, clock: int, window: Window) -> bool:
        """Forget the members last seen before `window` at `clock` and return whether any left."""
        floor = window.floor(clock)
        gone = [member for member, bucket in self.members.items() if bucket < floor]
        for member in gone:
            del self.members[member]
        self.first = min(self.members.values(), default=NEVER)
        return bool(gone)

    def merge(self, other: Distinct) -> None:
        """Take in the members of `other`."""
        self.see(other.at, other.event)
        for member, bucket in other.members.items():
            self.add(member, bucket)

    def packed(self, clock: int, window: Window | None) -> Any:
        """Return the hashes as one byte string and the age of each one's bucket, newest first."""
        here = (window or BY_DAY).bucket(clock)
        ordered = self._newest()
        hashes = b"".join(member.to_bytes(HASH_BYTES, "big") for member, _ in ordered)
        return [hashes, *(here - bucket for _, bucket in ordered)]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        here = (window or BY_DAY).bucket(clock)
        hashes, ages = plain[0], plain[1:]
        self.members = {
            int.from_bytes(hashes[i * HASH_BYTES : (i + 1) * HASH_BYTES], "big"): here - age
            for i, age in enumerate(ages)
        }
        self.first = min(self.members.values(), default=NEVER)

    def packed_beside(self, people: Mapping[int, int], clock: int, window: Window | None) -> Any:
        """Return the members as `packed` does, with those among `people` (hash to place) by their place.

        The places as bytes, the hashes of the others, then runs of ages: an age and how often it comes,
        newest first, of the former and then of the latter.
        """
        here = (window or BY_DAY).bucket(clock)
        among: list[tuple[int, int]] = []
        others = self._newest()
        if self.members.keys() <= people.keys():
            among, others = others, among
        elif not people.keys().isdisjoint(self.members):
            among = [one for one in others if one[0] in people]
            others = [one for one in others if one[0] not in people]
        runs: list[int] = []
        for part in (among, others):
            buckets = [bucket for _, bucket in part]
            for bucket in dict.fromkeys(buckets):
                runs += (here - bucket, buckets.count(bucket))
        hashes = b"".join([member.to_bytes(HASH_BYTES, "big") for member, _ in others])
        return [bytes([people[member] for member, _ in among]), hashes, *runs]

    def unpack_beside(self, people: Sequence[int], plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed_beside` described; `people` are the hashes in the order of their places."""
        here = (window or BY_DAY).bucket(clock)
        places, hashes, *runs = plain
        starts = range(0, len(hashes), HASH_BYTES)
        others = [int.from_bytes(hashes[start : start + HASH_BYTES], "big") for start in starts]
        members = iter([*[people[place] for place in places], *others])
        for age, times in zip(runs[::2], runs[1::2], strict=True):
            self.members.update(dict.fromkeys(islice(members, times), here - age))
        self.first = min(self.members.values(), default=NEVER)


def _by_age(pair: tuple[int, int]) -> tuple[int, int]:
    return -pair[1], -pair[0]


def hashed(member: str) -> int:
    """Return the 48-bit hash under which a member is remembered."""
    digest = hashlib.blake2b(member.encode("utf-8", "replace"), digest_size=HASH_BYTES)
    return int.from_bytes(digest.digest(), "big")


# The same people come again and again: looking up costs a tenth of hashing.
HASHES: dict[str, int] = {}
HASHES_KEPT = 65_536
LENGTH_REMEMBERED = 128


def hash_of(member: str) -> int:
    """Return `hashed(member)`, remembered."""
    known = HASHES.get(member)
    return remembered(member) if known is None else known


def remembered(member: str) -> int:
    """Return `hashed(member)` and remember it, unless it is long: then nothing bounds the memory."""
    found = hashed(member)
    if len(member) <= LENGTH_REMEMBERED:
        if len(HASHES) >= HASHES_KEPT:
            HASHES.clear()
        HASHES[member] = found
    return found
