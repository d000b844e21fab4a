"""Which events have been counted: the ids that prove it, and where they are kept.

counted(x) ⇒ x is in the ledger's `pend`, or in a seen bucket. An id joins `pend` in the very write
that counts it, and leaves `pend` only after it stands in a bucket.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

import msgspec

from pql.core.event import Event
from pql.core.window import DAY, HOUR, MINUTE

# 80 bits: among ten million ids of one account a false repeat has a chance of 4 in 10^11.
ID_BYTES = 10
ENTRY_BYTES = ID_BYTES + 4
# Below so many entries it is cheaper to pay for one KB more than to file the few that fit.
LEAST_ROOM = 10 * ENTRY_BYTES
WRITE_UNIT = 1024
# A bucket is refined for the time to come when it holds more; 256 ids are 2.5 KB.
BUCKET_LIMIT = 256
# Live traffic fills one or two buckets at a time; eight also follow an import of the last week.
SIZES_KEPT = 8
GRAINS = (DAY, 4 * HOUR, 30 * MINUTE, 5 * MINUTE, MINUTE)
GRAIN_LIMIT = len(GRAINS) + 2
# How long a copy without a time of its own may come after the first: clients retry for 12 h at most.
RESEND_DAYS = 2
_UNTIMED = 1 << 31


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The trace an event leaves: its id, and the minute of its own time.

    Without a time of its own an event is filed under the day it was received: `minute` is then that
    day with the top bit set.
    """

    id: bytes
    minute: int

    @property
    def timed(self) -> bool:
        """Return whether the event had a time of its own."""
        return self.minute < _UNTIMED

    def stretch(self, grain: int) -> int:
        """Return the stretch of time, as wide as a bucket of `grain`, that it falls into."""
        minute = self.minute if self.timed else (self.minute - _UNTIMED) * (DAY // MINUTE)
        return minute // (GRAINS[min(grain, len(GRAINS) - 1)] // MINUTE)

    def bucket(self, grain: int) -> str:
        """Return the bucket it is filed in at `grain`: finer in time first, by id beyond a minute."""
        if not self.timed:
            return _untimed(self.minute - _UNTIMED, self.id, grain)
        digits = self.id.hex()[: max(0, grain - len(GRAINS) + 1)]
        return f"{grain}.{self.stretch(grain)}.{digits}"

    def buckets(self, grain: int) -> Iterator[str]:
        """Yield every bucket that may hold it in an account that has reached `grain`."""
        for one in range(grain + 1):
            if self.timed:
                yield self.bucket(one)
            else:
                for back in range(RESEND_DAYS + 1):
                    yield _untimed(self.minute - _UNTIMED - back, self.id, one)


class Ledger(msgspec.Struct, frozen=True):
    """The ids counted last, and how fine the account's seen buckets are.

    `pend` is entries of 14 bytes joined. `grain` only grows, and with it every earlier bucket stays
    readable: whoever has read this ledger looks in the same places. `sizes` says what went into the
    buckets filled last, as (stretch of time, ids), which is what decides about growing.
    """

    pend: bytes = b""
    grain: int = 0
    sizes: tuple[tuple[int, int], ...] = ()

    @property
    def has_filed(self) -> bool:
        """Return whether any id was ever filed: if not, there is no bucket to look into."""
        return self.grain > 0 or bool(self.sizes)

    def pending(self) -> frozenset[bytes]:
        """Return the ids in `pend`."""
        starts = range(0, len(self.pend), ENTRY_BYTES)
        return frozenset([self.pend[start : start + ID_BYTES] for start in starts])

    def marks(self) -> list[Mark]:
        """Return what is in `pend`, in the order in which it was counted."""
        entries = (self.pend[i : i + ENTRY_BYTES] for i in range(0, len(self.pend), ENTRY_BYTES))
        return [Mark(one[:ID_BYTES], int.from_bytes(one[ID_BYTES:], "big")) for one in entries]

    def counting(self, new: Collection[Mark], room: int) -> tuple[Ledger, dict[str, set[bytes]]]:
        """Return the ledger that counts `new`, and the ids to be filed before it is written.

        Nothing is filed while `pend` fits into `room` bytes; when it does not, all of it is, and
        `new` alone stays.
        """
        joined = b"".join(mark.id + mark.minute.to_bytes(4, "big") for mark in new)
        if len(self.pend) + len(joined) <= room:
            return msgspec.structs.replace(self, pend=self.pend + joined), {}
        marks = self.marks()
        filed: dict[str, set[bytes]] = defaultdict(set)
        for mark in marks:
            filed[mark.bucket(self.grain)].add(mark.id)
        return self._grown(joined, marks), dict(filed)

    def _grown(self, pend: bytes, filed: Collection[Mark]) -> Ledger:
        """Return the ledger with one grain more once a bucket is full: for the ids to come."""
        sizes = dict(self.sizes)
        for stretch, count in Counter(mark.stretch(self.grain) for mark in filed).items():
            sizes = {stretch: sizes.pop(stretch, 0) + count, **sizes}
        shares = 16 ** max(0, self.grain - len(GRAINS) + 1)
        if max(sizes.values(), default=0) > BUCKET_LIMIT * shares and self.grain < GRAIN_LIMIT:
            return Ledger(pend, self.grain + 1)
        return Ledger(pend, self.grain, tuple(sizes.items())[:SIZES_KEPT])


def room_beside(size: int) -> int:
    """Return how many bytes of ids fit beside `size` bytes of an item at no further cost.

    A write is charged by the whole KB: what the state leaves of its last one is free.
    """
    free = -size % WRITE_UNIT
    return free if free >= LEAST_ROOM else free + WRITE_UNIT


def mark_of(event: Event) -> Mark:
    """Return the mark of an event; every copy of it has the same id."""
    identity = bytes.fromhex(event.id[: 2 * ID_BYTES])
    own = event.own
    if own is None:
        return Mark(identity, _UNTIMED + event.received // DAY)
    minute = own // MINUTE
    return Mark(identity, minute if 0 <= minute < _UNTIMED else _edge(minute))


def _edge(minute: int) -> int:
    """Times before 1970 and after the year 6000 share one bucket each."""
    return 0 if minute < 0 else _UNTIMED - 1


def _untimed(day: int, identity: bytes, grain: int) -> str:
    return f"r{grain}.{day}.{identity.hex()[:grain]}"
