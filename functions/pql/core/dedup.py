"""Which events have been counted: the ids that prove it, and where they are kept.

counted(x) ⇒ x is in the ledger's `pend`, or in a seen bucket. An id joins `pend` in the very write
that counts it, and leaves `pend` only after it stands in a bucket.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate
from operator import sub
from typing import Any

import msgspec

from pql.core.event import Event
from pql.core.window import DAY, HOUR, MINUTE

# 64 bits: an id is held against what is pending and a handful of buckets, two thousand others at most. Among
# ten million events of one account a false repeat has a chance of 1 in 10^9.
ID_BYTES = 8
ENTRY_BYTES = ID_BYTES + 4
# What an entry mostly takes in the table: minutes are told from one event to the next.
WRITTEN_BYTES = ID_BYTES + 2
WRITE_UNIT = 1024
# What filing costs: a bucket or two, of a KB or two. More KBs for ids than these never pay.
FILING_UNITS = 2
MOST_BLOCKS = 3
# A bucket is refined for the time to come when it holds more; 256 ids are 2 KB.
BUCKET_LIMIT = 256
GRAINS = (DAY, 4 * HOUR, 30 * MINUTE, 5 * MINUTE, MINUTE)
GRAIN_LIMIT = len(GRAINS) + 2
# How far apart copies without a time of their own may be received, to be known as copies.
EPOCH_DAYS = 90
# How long ids are kept: for the largest lateness limit (90) though the present one is less, for it may be
# raised; for what may be on its way (28) and odd clocks (10).
KEEP_DAYS = 128
_UNTIMED = 1 << 31
SCHEMA = 2
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The trace an event leaves: its id, and the minute of its own time.

    Without a time of its own an event is filed under the epoch in which it was received: `minute` is then
    the number of that epoch with the top bit set.
    """

    id: bytes
    minute: int

    @property
    def timed(self) -> bool:
        """Return whether the event had a time of its own."""
        return self.minute < _UNTIMED

    @property
    def latest(self) -> int:
        """Return the last moment (epoch ms) that its event can be of, to the minute."""
        if self.timed:
            return self.minute * MINUTE
        return (self.minute - _UNTIMED + 1) * EPOCH_DAYS * DAY

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
                for away in (-1, 0, 1):
                    yield _untimed(self.minute - _UNTIMED + away, self.id, one)


class Ledger(msgspec.Struct, frozen=True):
    """The ids counted last, and how fine the account's seen buckets are.

    `pend` is entries of 12 bytes joined. `grain` only grows, and with it every earlier bucket stays
    readable: whoever has read this ledger looks in the same places. `filed` says whether any id ever
    left `pend`: if not, there is no bucket to look into.
    """

    pend: bytes = b""
    grain: int = 0
    filed: bool = False

    def pending(self) -> frozenset[bytes]:
        """Return the ids in `pend`."""
        return frozenset(self._ids())

    def marks(self) -> list[Mark]:
        """Return what is in `pend`, in the order in which it was counted."""
        return list(map(Mark, self._ids(), self._minutes()))

    def counting(
        self, new: Collection[Mark], room: int, *, crowded: bool = False
    ) -> tuple[Ledger, dict[str, set[bytes]]]:
        """Return the ledger that counts `new`, and the ids to be filed before it is written.

        Nothing is filed while the ids fit into `room` bytes. When they do not, those in `pend` are, the
        buckets first that take most of them, until the others take half of the room beside `new` at most:
        what is alone in its bucket waits for company. `crowded` says that a bucket was read that is full:
        the ids to come go into finer ones.
        """
        joined = _entries(new)
        grain = min(self.grain + crowded, GRAIN_LIMIT)
        whole = Ledger(self.pend + joined, grain, self.filed)
        if whole.size <= room:
            return whole, {}
        places: dict[str, list[Mark]] = defaultdict(list)
        for mark in self.marks():
            places[mark.bucket(self.grain)].append(mark)
        may_stay = max(room - Ledger(joined).size, 0) // 2 // WRITTEN_BYTES
        waiting = sum(map(len, places.values()))
        filed: dict[str, set[bytes]] = {}
        for bucket, marks in sorted(places.items(), key=_by_number, reverse=True):
            if waiting <= may_stay:
                break
            filed[bucket] = {mark.id for mark in marks}
            waiting -= len(marks)
        stay = [mark for bucket, marks in places.items() if bucket not in filed for mark in marks]
        return Ledger(_entries(stay) + joined, grain, self.filed or bool(filed)), filed

    @property
    def size(self) -> int:
        """Return how many bytes the ids take in the table."""
        return len(self.pend) // ENTRY_BYTES * ID_BYTES + len(_encode(self._gaps()))

    def packed(self) -> bytes:
        """Return the bytes that the table holds: ids, and minutes each told from the one before."""
        return _encode([SCHEMA, b"".join(self._ids()), self._gaps(), self.grain, self.filed])

    def _ids(self) -> list[bytes]:
        starts = range(0, len(self.pend), ENTRY_BYTES)
        return [self.pend[start : start + ID_BYTES] for start in starts]

    def _minutes(self) -> tuple[int, ...]:
        return struct.unpack(">" + f"{ID_BYTES}xI" * (len(self.pend) // ENTRY_BYTES), self.pend)

    def _gaps(self) -> list[int]:
        minutes = self._minutes()
        return [*minutes[:1], *map(sub, minutes[1:], minutes)]


def unpacked(packed: bytes) -> Ledger:
    """Return the ledger that `Ledger.packed` packed; raises `ValueError` for any other bytes."""
    try:
        schema, ids, gaps, grain, filed = _decode(packed)
        entries = zip(_parted(ids), accumulate(gaps), strict=True)
        if len(ids) % ID_BYTES or grain not in range(GRAIN_LIMIT + 1):
            raise ValueError("no ids, or no grain")  # noqa: TRY301
        ledger = Ledger(_entries(Mark(one, minute) for one, minute in entries), grain, filed)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("no ledger") from error
    if schema != SCHEMA:
        raise ValueError(f"ledger of schema {schema}")
    return ledger


def _entries(marks: Iterable[Mark]) -> bytes:
    return b"".join([mark.id + mark.minute.to_bytes(4, "big") for mark in marks])


def _by_number(place: tuple[str, list[Mark]]) -> tuple[int, str]:
    """Order buckets by how many ids they take; of the same number by name, whatever came first."""
    bucket, marks = place
    return len(marks), bucket


def _parted(ids: bytes) -> list[bytes]:
    return [ids[start : start + ID_BYTES] for start in range(0, len(ids), ID_BYTES)]


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
    writes = [room // (max(new, 1) * WRITTEN_BYTES) for room in rooms]
    costs = [blocks + FILING_UNITS / held for blocks, held in enumerate(writes) if held]
    # Where not even the new ones fit the old are filed each time, whatever the room.
    return rooms[len(rooms) - len(costs) + costs.index(min(costs))] if costs else free


def mark_of(event: Event) -> Mark:
    """Return the mark of an event; every copy of it has the same id."""
    identity = bytes.fromhex(event.id[: 2 * ID_BYTES])
    own = event.own
    if own is None:
        return Mark(identity, _UNTIMED + event.received // (EPOCH_DAYS * DAY))
    minute = own // MINUTE
    return Mark(identity, minute if 0 <= minute < _UNTIMED else _edge(minute))


def _edge(minute: int) -> int:
    """Times before 1970 and after the year 6000 share one bucket each."""
    return 0 if minute < 0 else _UNTIMED - 1


def _untimed(epoch: int, identity: bytes, grain: int) -> str:
    return f"r{grain}.{epoch}.{identity.hex()[:grain]}"
