"""Where events are read from: files, directories, stdin, buckets, the deployed archive; one stream of all.

| what | is |
| --- | --- |
| `events.jsonl`, `events.jsonl.gz` | a file of lines |
| `events.parquet` | a table, see `pql.adapters.event_columns` |
| `directory` | all files of events under it |
| `-` | lines from stdin |
| `s3://bucket/prefix` | objects, the same as a directory; Segment's own archive, for one |
| `archive`, `archive:2026-11-01..2026-11-20` | the deployed stack's archive, or days of it |
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from pql.adapters.archive_pieces import ArchivePieces, LocalDays, S3Days
from pql.adapters.blocks import blocks
from pql.adapters.event_cloud import Cloud
from pql.adapters.event_lines import LineReader, Unread
from pql.adapters.event_order import Block, Opening, Ordered, merged
from pql.adapters.event_pieces import STDIN, Gone, Piece, holds_events, of_path, of_stdin
from pql.adapters.event_sent import Wanted
from pql.core.errors import PqlError
from pql.core.event import Event
from pql.core.places import DEFAULT_PLACES
from pql.core.window import NEVER

_T = TypeVar("_T")
_ARCHIVE = re.compile(r"archive(?::(\d{4}-\d\d-\d\d)?(?:(\.\.)(\d{4}-\d\d-\d\d)?)?)?")
_BATCH = 1_000
_RECEIVED = attrgetter("received")


class EventSource:
    """The events of everything that was named, as one stream.

    `unread` are the lines that were none, `late` the events that stood too far out of order to be put in
    their place. `size` and `done` are bytes as they lie there, to show progress by: all and read; `size`
    is None where it cannot be known. They are of the last reading.
    """

    def __init__(
        self,
        pieces: Sequence[Piece],
        archives: Sequence[ArchivePieces],
        places: Sequence[str],
        now: int = NEVER,
    ) -> None:
        self._pieces = pieces
        self._archives = archives
        self._places = places
        self._now = now
        self._lines = Unread()
        self._ordered = Ordered()
        self._wanted: Wanted | None = None
        self.done = 0
        sizes = [*(one.size for one in pieces), *(one.size for one in archives)]
        known = [size for size in sizes if size is not None]
        self.size = sum(known) if len(known) == len(sizes) else None

    @property
    def unread(self) -> int:
        """Return how many lines were no events."""
        return self._lines.count

    @property
    def places(self) -> Sequence[str]:
        """Return where the first of these are and why they are none, as `file:line: why`."""
        return self._lines.places

    @property
    def late(self) -> int:
        """Return how many events came out after one that was received later."""
        return self._ordered.late

    @property
    def fraction(self) -> float | None:
        """Return how much has been read, from 0 to 1: by bytes, else by days; None if nobody knows."""
        if self.size is not None:
            return min(self.done / self.size, 1.0) if self.size else 1.0
        if not self._pieces and self._archives:
            return sum(one.fraction for one in self._archives) / len(self._archives)
        return None

    def pieces(self) -> Iterator[Piece]:
        """Yield all files and objects, in no order that means anything."""
        yield from self._pieces
        for archive in self._archives:
            yield from archive.pieces()

    def each(self, read: Callable[[Piece], Iterator[_T]]) -> Iterator[_T]:
        """Yield what is read of each file and object, as `pieces` yields them.

        What is merged meanwhile is read where it is then, and some of it twice.
        """
        for piece in self._pieces:
            yield from read(piece)
        for archive in self._archives:
            yield from _standing(archive, read)

    def events(self, wanted: Wanted | None = None) -> Iterator[Event]:
        """Yield all events in the order of their receipt; those of an archive in the order of counting.

        Holds some tens of thousands of them at a time. Of what is not `wanted` mere strangers
        (`event_sent.stranger`) may stand in the order, which are read sooner. Raises `Poison` for what
        breaks off, `Unavailable` for a bucket that is not there, and `PqlError` for what cannot be
        read at all.
        """
        return chain.from_iterable(self.blocks(wanted))

    def blocks(self, wanted: Wanted | None = None) -> Iterator[Block]:
        """Yield the same as `events`, some thousands at a time."""
        self.done, self._lines, self._ordered = 0, Unread(), Ordered()
        self._wanted = wanted
        streams = [_standing(one, self._read) for one in self._archives]
        if self._pieces:
            streams.append(self._ordered(merged([self._opening(one) for one in self._pieces])))
        if len(streams) == 1:
            return streams[0]
        return _batched(heapq.merge(*map(chain.from_iterable, streams), key=_RECEIVED))

    def _opening(self, piece: Piece) -> Opening:
        return Opening(piece.day, lambda: self._first(piece), lambda: self._read(piece))

    def _first(self, piece: Piece) -> int | None:
        """Return when the first event of a piece was received; read again from its start, if there is one."""
        if piece.size is None:
            raise PqlError(f"{piece.name} can be read once: give it alone")
        done, unread = self.done, Unread()
        for block in self._blocks(piece, unread):
            if block:
                self.done = done
                return block[0].received
        self._lines.take(unread)
        return None

    def _read(self, piece: Piece) -> Iterator[Block]:
        return self._blocks(piece, self._lines)

    def _blocks(self, piece: Piece, unread: Unread) -> Iterator[Block]:
        reader = LineReader(piece.name, unread, self._places, self._wanted, self._now)
        if piece.is_parquet:
            from pql.adapters.event_parquet import tables  # noqa: PLC0415 - pyarrow is an extra

            for table in tables(piece, self._count):
                yield (
                    reader.block(table.lines())
                    if table.sents is None
                    else reader.rows(table.sents, table.line)
                )
            return
        for block in blocks(self._counting(piece), piece.name):
            yield reader.block(block)

    def _counting(self, piece: Piece) -> Iterator[bytes]:
        for chunk in piece.chunks():
            self._count(len(chunk))
            yield chunk

    def _count(self, number: int) -> None:
        self.done += number


def _batched(events: Iterator[Event]) -> Iterator[Block]:
    while block := [*islice(events, _BATCH)]:
        yield block


def _standing(archive: ArchivePieces, read: Callable[[Piece], Iterator[_T]]) -> Iterator[_T]:
    """Yield what is read of an archive's objects; of those that are merged meanwhile, what they became."""
    for piece in archive.pieces():
        try:
            yield from read(piece)
        except Gone:
            if not archive.look_again(piece):
                raise


def open_events(
    what: Sequence[str | Path],
    cloud: Cloud | None = None,
    *,
    places: Sequence[str] = DEFAULT_PLACES,
    until: int = NEVER,
    now: int = NEVER,
) -> EventSource:
    """Return the source of all that is named; `places` are where an event names its account.

    Of an archive in a bucket those objects are read that were counted before `until` (epoch ms). What says
    that it was received after `now` (epoch ms) is no event. Raises `PqlError` for what is not there, and
    `Unavailable`.
    """
    cloud = cloud or Cloud()
    pieces: list[Piece] = []
    archives: list[ArchivePieces] = []
    for one in what:
        named = str(one)
        if named == STDIN:
            pieces.append(of_stdin())
        elif named.startswith("s3://"):
            _of_bucket(named, cloud, until, pieces, archives)
        elif is_archive(named) and (days := _ARCHIVE.fullmatch(named)):
            first, dots, last = days[1] or "", days[2], days[3] or ""
            only = S3Days(cloud.client("s3"), cloud.archive(), until=until)
            archives.append(ArchivePieces(only, first, last if dots else first))
        else:
            found = [*of_path(Path(one))]
            counted = [piece for piece in found if piece.is_counted]
            pieces += [piece for piece in found if not piece.is_counted]
            if counted:
                archives.append(ArchivePieces(LocalDays(counted)))
    return EventSource(pieces, archives, places, now)


def is_archive(named: str) -> bool:
    """Return whether it names the deployed stack's archive, or days of it; a file of that name goes first."""
    return _ARCHIVE.fullmatch(named) is not None and not Path(named).exists()


def _of_bucket(
    named: str, cloud: Cloud, until: int, pieces: list[Piece], archives: list[ArchivePieces]
) -> None:
    from pql.adapters.s3_pieces import pieces as listed  # noqa: PLC0415 - botocore takes a second

    bucket, _, prefix = named.removeprefix("s3://").partition("/")
    client = cloud.client("s3")
    days = S3Days(client, bucket, prefix if not prefix or prefix.endswith("/") else f"{prefix}/", until)
    if days.is_archive():
        archives.append(ArchivePieces(days))
        return
    found = [one for one in listed(client, bucket, prefix) if holds_events(one.path)]
    if not found:
        raise PqlError(f"{named} holds no events: no .jsonl, .json, .ndjson, .gz or .parquet object")
    counted = [one for one in found if one.is_counted and one.counted_at < until]
    pieces += [one for one in found if not one.is_counted]
    if counted:
        archives.append(ArchivePieces(LocalDays(counted)))
