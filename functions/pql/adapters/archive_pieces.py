"""The objects of an archive, in the order in which they were counted, a day or two at a time."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, Protocol

from pql.adapters.event_pieces import Piece
from pql.core.times import written_time
from pql.core.window import HOUR, NEVER

# How far the clock of what counts may be behind that of the front door.
SKEW = HOUR
PREFIX = "events/"
# Small objects take longer to ask for than to read: so many are asked for while others are read.
AHEAD = 32
THREADS = 8
SMALL = 256 * 1024


class Days(Protocol):
    """An archive, day by day; `is_live` says whether a day that is listed again may hold others."""

    is_live: bool

    @property
    def size(self) -> int | None:
        """Return how many bytes it holds, None if that is not known without listing all of it."""

    def days(self) -> Sequence[str]:
        """Return the days it has, in order."""

    def pieces(self, day: str) -> Sequence[Piece]:
        """Return the objects of a day."""


class LocalDays:
    """The `Days` of objects that are known already."""

    is_live = False

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._by_day: dict[str, list[Piece]] = {}
        for one in pieces:
            self._by_day.setdefault(_day(one), []).append(one)
        self.size: int | None = sum(one.size or 0 for one in pieces)

    def days(self) -> Sequence[str]:
        """Return the days there are, in order."""
        return sorted(self._by_day)

    def pieces(self, day: str) -> Sequence[Piece]:
        """Return the objects of a day."""
        return self._by_day[day]


class S3Days:
    """The `Days` of a bucket: objects counted before `until` (epoch ms). Raises `Unavailable`."""

    is_live = True
    size = None

    def __init__(self, client: Any, bucket: str, prefix: str = PREFIX, until: int = NEVER) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._until = until

    def is_archive(self) -> bool:
        """Return whether there are days under the prefix."""
        return bool(self.days())

    def days(self) -> Sequence[str]:
        """Return the days there are, in order."""
        from pql.adapters.s3_pieces import days  # noqa: PLC0415 - botocore takes a second

        return days(self._client, self._bucket, self._prefix)

    def pieces(self, day: str) -> Sequence[Piece]:
        """Return the objects of a day."""
        from pql.adapters.s3_pieces import pieces  # noqa: PLC0415

        found = pieces(self._client, self._bucket, f"{self._prefix}day={day}/")
        return [one for one in found if one.counted_at < self._until]


class ArchivePieces:
    """The objects of the days from `first` to `last` (empty for no limit), in the order of counting.

    An event lies under the day of its receipt and may have been counted days later: what was counted after
    its day waits until the days up to then are listed. `fraction` is how much of the days is read.
    """

    def __init__(self, days: Days, first: str = "", last: str = "") -> None:
        self._days = days
        self._first = first
        self._last = last
        self.fraction = 0.0
        self._waiting: list[tuple[tuple[str, str], str, Piece]] = []
        self._seen: set[tuple[str, str, str]] = set()
        self._ahead: deque[tuple[Piece, Piece]] = deque()  # as listed, and as fetched

    @property
    def size(self) -> int | None:
        """Return how many bytes there are to read, None if nobody knows."""
        return None if self._first or self._last else self._days.size

    def pieces(self) -> Iterator[Piece]:
        """Yield the objects; a day is listed when it is due, and small objects are fetched ahead."""
        self._waiting.clear()
        self._seen.clear()
        self._ahead.clear()
        due = self._due()
        with ThreadPoolExecutor(THREADS) as pool:
            while True:
                while len(self._ahead) < AHEAD and (piece := next(due, None)) is not None:
                    self._ahead.append((piece, _fetched(piece, pool)))
                if self._ahead:
                    yield self._ahead.popleft()[1]
                elif self._waiting:  # put back after the last day
                    due = self._rest()
                else:
                    return

    def look_again(self, piece: Piece) -> bool:
        """Yield next what stands in the place of a piece that is gone: what it was merged into, if anything.

        Some of that may have been read before; nothing is missed, and the order stays. Return whether it is
        so: where the days cannot be listed again, nobody knows what became of it.
        """
        for one, _ in self._ahead:
            heapq.heappush(self._waiting, (one.order, one.tag, one))
        self._ahead.clear()
        # What waits is known, from days ago too: the same twice would be read twice, and has no order.
        self._seen |= {_seen(one) for *_, one in self._waiting}
        self._list(_day(piece))
        return self._days.is_live

    def _due(self) -> Iterator[Piece]:
        chosen = [
            day for day in self._days.days() if self._first <= day and (not self._last or day <= self._last)
        ]
        self.fraction = 0.0
        for index, day in enumerate(chosen):
            self._list(day)
            following = chosen[index + 1] if index + 1 < len(chosen) else None
            until = NEVER if following is None else (written_time(following) or 0) - SKEW
            while self._waiting and self._waiting[0][2].counted_at < until:
                yield heapq.heappop(self._waiting)[2]
            oldest = min((_day(one[2]) for one in self._waiting), default=day)
            self._seen = {one for one in self._seen if one[0] >= oldest}
            self.fraction = (index + 1) / len(chosen)

    def _rest(self) -> Iterator[Piece]:
        while self._waiting:
            yield heapq.heappop(self._waiting)[2]

    def _list(self, day: str) -> None:
        for piece in self._days.pieces(day):
            seen = _seen(piece)
            if seen not in self._seen:
                self._seen.add(seen)
                heapq.heappush(self._waiting, (piece.order, piece.tag, piece))


def _seen(piece: Piece) -> tuple[str, str, str]:
    return _day(piece), piece.path, piece.tag


def _day(piece: Piece) -> str:
    return piece.path.rpartition("day=")[2].partition("/")[0]


def _fetched(piece: Piece, pool: Executor) -> Piece:
    """Return a piece that is read already, or will be soon, if it is small and not on this machine."""
    if piece.file is not None or piece.size is None or piece.size > SMALL:
        return piece
    body = pool.submit(lambda: b"".join(piece.chunks()))
    return piece._replace(chunks=lambda: iter([body.result()]))
