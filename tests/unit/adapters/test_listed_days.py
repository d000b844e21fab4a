"""Objects that were listed are read where they are by now, and none is taken for nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.events import DAY, START
from pql.adapters.archive_pieces import ArchivePieces
from pql.adapters.event_pieces import Gone, Piece
from pql.adapters.event_sources import EventSource
from pql.adapters.listed_days import ListedDays


class Bucket:
    """Objects by path, each with what it holds; a merged one has the name that compaction gives it."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def put(self, day: int, minute: int, text: str) -> Piece:
        """Write what was counted in a minute of a day; return it as it is listed now."""
        path = f"events/day=2025-01-0{day + 1}/{_time(day, minute)}-{text}.jsonl.gz"
        self.held[path] = text
        return self.piece(path)

    def merge(self, pieces: list[Piece], last: int, token: str = "0001") -> None:  # noqa: S107 - no secret
        """Make one of several objects, which end at a moment."""
        stem, first = pieces[0].path.removesuffix(".jsonl.gz"), pieces[0].path
        held = "+".join(self.held.pop(one.path) for one in pieces)
        assert first not in self.held
        self.held[f"{stem}_{last:013}-9-{token}-0.jsonl.gz"] = held

    def piece(self, path: str) -> Piece:
        """Return an object as it is listed."""
        tag = self.held[path]

        def chunks() -> Iterator[bytes]:
            if self.held.get(path) != tag:
                raise Gone(path)
            yield tag.encode()

        return Piece(path, path, None, chunks, tag=tag)

    def now(self, prefix: str) -> list[Piece]:
        """Return what is under a prefix."""
        return [self.piece(path) for path in sorted(self.held) if path.startswith(prefix)]


def _time(day: int, minute: int) -> int:
    return START + day * DAY + minute * 60_000


def read(days: ListedDays) -> set[str]:
    """Return what is read of all objects, each part once."""
    source = EventSource([], [ArchivePieces(days)], ())
    return {part for body in source.each(lambda one: one.chunks()) for part in body.decode().split("+")}


def test_what_was_merged_is_read_where_it_went() -> None:
    """On two days, of which the later is listed before the first object turns out to be gone."""
    bucket = Bucket()
    listed = [bucket.put(day, minute, f"{day}{minute}") for day in (0, 1) for minute in (1, 2, 3)]
    bucket.merge(listed[:2], _time(0, 2))
    bucket.merge(listed[4:], _time(1, 3))

    assert {"01", "02", "03", "11", "12", "13"} == read(ListedDays(listed, bucket.now))


def test_others_of_the_day_are_left_to_those_who_were_given_them() -> None:
    """A day may hold thousands: what did not take anything of ours in is not read."""
    bucket = Bucket()
    listed = [bucket.put(0, minute, f"0{minute}") for minute in (1, 2)]
    others = [bucket.put(0, minute, f"0{minute}") for minute in (7, 8)]
    bucket.put(0, 9, "09")
    bucket.merge(listed, _time(0, 2))
    bucket.merge(others, _time(0, 8), "0002")

    assert {"01", "02"} == read(ListedDays(listed, bucket.now))


def test_what_was_written_anew_is_read_anew() -> None:
    """An erasure writes an object under its name, without somebody."""
    bucket = Bucket()
    listed = [bucket.put(0, 1, "01")]
    bucket.held[listed[0].path] = "01 without ada"

    assert {"01 without ada"} == read(ListedDays(listed, bucket.now))


def test_an_object_that_is_gone_without_a_trace_is_an_error() -> None:
    """Though there are merged ones, of another time."""
    bucket = Bucket()
    listed = [bucket.put(0, minute, f"0{minute}") for minute in (1, 5)]
    other = bucket.put(0, 2, "02")
    bucket.merge([other], _time(0, 4))
    del bucket.held[listed[1].path]

    with pytest.raises(Gone, match="start again"):
        read(ListedDays(listed, bucket.now))
