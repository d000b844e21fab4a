"""Which events have been counted: the ids that prove it, and where they are kept.

counted(x) ⇒ x is in the ledger's `pend`, or in a seen bucket. An id joins `pend` in the very write
that counts it, and leaves `pend` only after it stands in a bucket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

import msgspec

from pql.core.event import Event
from pql.core.window import DAY, HOUR, MINUTE

# 80 bits: among ten million ids of one account a false repeat has a chance of 4 in 10^11.
ID_BYTES = 10
ENTRY_BYTES = ID_BYTES + 4
WRITE_UNIT = 1024
# What filing costs: a bucket or two, of a KB or two. More KBs for ids than these never pay.
FILING_UNITS = 2
MOST_BLOCKS = 3
# A bucket is refined for the time to come when it holds more; 256 ids are 2.5 KB.
BUCKET_LIMIT = 256
GRAINS = (DAY, 4 * HOUR, 30 * MINUTE, 5 * MINUTE, MINUTE)
GRAIN_LIMIT = len(GRAINS) + 2
# How far apart copies without a time of their own are received: clients retry for 12 h at most.
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

    def bucket(self, grain: int) -> str:
        """Return the bucket it is filed in at `grain`: finer in time first, by id beyond a minute."""
        if not self.timed:
            return _untimed(self.minute - _UNTIMED, self.id, grain)
        width = GRAINS[min(grain, len(GRAINS) - 1)] // MINUTE
        digits = self.id.hex()[: max(0, grain - len(GRAINS) + 1)]
        return f"{grain}.{self.minute // width}.{digits}"

    def buckets(self, grain: int) -> Iterator[str]:
        """Yield every bucket that may hold it in an account that has reached `grain`."""
        for one in range(grain + 1):
            if self.timed:
                yield self.bucket(one)
            else:
                for away in range(-RESEND_DAYS, RESEND_DAYS + 1):
                    yield _untimed(self.minute - _UNTIMED + away, self.id, one)


class Ledger(msgspec.Struct, frozen=True):
    """The ids counted last, and how fine the account's seen buckets are.

    `pend` is entries of 14 bytes joined. `grain` only grows, and with it every earlier bucket stays
    readable: whoever has read this ledger looks in the same places. `filed` says whether any id ever
    left `pend`: if not, there is no bucket to look into.
    """

    pend: bytes = b""
    grain: int = 0
    filed: bool = False

    def pending(self) -> frozenset[bytes]:
        """Return the ids in `pend`."""
        starts = range(0, len(self.pend), ENTRY_BYTES)
        return frozenset([self.pend[start : start + ID_BYTES] for start in starts])

    def marks(self) -> list[Mark]:
        """Return what is in `pend`, in the order in which it was counted."""
        entries = (self.pend[i : i + ENTRY_BYTES] for i in range(0, len(self.pend), ENTRY_BYTES))
        return [Mark(one[:ID_BYTES], int.from_bytes(one[ID_BYTES:], "big")) for one in entries]

    def counting(
        self, new: Collection[Mark], room: int, *, crowded: bool = False
    ) -> tuple[Ledger, dict[str, set[bytes]]]:
        """Return the ledger that counts `new`, and the ids to be filed before it is written.

        Nothing is filed while `pend` fits into `room` bytes; when it does not, all of it is, and
        `new` alone stays. `crowded` says that a bucket was read that is full: the ids to come go
        into finer ones.
        """
        joined = b"".join(mark.id + mark.minute.to_bytes(4, "big") for mark in new)
        grain = min(self.grain + crowded, GRAIN_LIMIT)
        if len(self.pend) + len(joined) <= room:
            return Ledger(self.pend + joined, grain, self.filed), {}
        filed: dict[str, set[bytes]] = defaultdict(set)
        for mark in self.marks():
            filed[mark.bucket(self.grain)].add(mark.id)
        return Ledger(joined, grain, self.filed or bool(filed)), dict(filed)


def grain_of(bucket: str) -> int:
    """Return the grain of a bucket by its name."""
    return int(bucket.lstrip("r").partition(".")[0])


def room_beside(size: int, new: int) -> int:
    """Return how many bytes of ids beside `size` bytes of an item cost least, if `new` come with each write.

    A write is charged by the whole KB: what the state leaves of its last one is free. Another KB costs a
    unit with every write, too little room a filing with every few.
    """
    free = -size % WRITE_UNIT
    rooms = [free + blocks * WRITE_UNIT for blocks in range(MOST_BLOCKS)]
    writes = [room // (max(new, 1) * ENTRY_BYTES) for room in rooms]
    costs = [blocks + FILING_UNITS / held for blocks, held in enumerate(writes) if held]
    # Where not even the new ones fit the old are filed each time, whatever the room.
    return rooms[len(rooms) - len(costs) + costs.index(min(costs))] if costs else free


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
