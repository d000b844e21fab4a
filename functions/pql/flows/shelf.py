"""The archive as a shelf: days, the objects that lie under them, and what those hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from pql.core.archived import merged
from pql.flows.replay import Stored


class Body(NamedTuple):
    """What an object holds: its lines as they are, without their ends, and its tag."""

    lines: Sequence[bytes]
    tag: str


class Shelf(Protocol):
    """The archive as something to put in order. All of it raises `Unavailable`."""

    def stored(self, first: str, last: str) -> Iterator[Stored]:
        """Yield the objects of the days from `first` to `last`."""

    def expect(self, keys: Sequence[str]) -> None:
        """Say which objects are read next, in their order: some of them may be fetched ahead."""

    def body(self, key: str) -> Body | None:
        """Return what an object holds, None if it is gone; raises `Poison` for no archive."""

    def put(self, day: str, name: str, lines: Sequence[bytes]) -> str:
        """Store lines under a day and a name that nothing has; return the key."""

    def between(self, first: str, last: str) -> Mapping[str, str]:
        """Return the tags of the objects whose keys lie from `first` to `last`, by key."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; one that is not there is no fault."""


class Day(NamedTuple):
    """A day of the archive: its objects, how many of them are merged ones, bytes, and events if known."""

    day: str
    objects: int
    merged: int
    size: int
    events: int | None


def survey(shelf: Shelf, first: str, last: str, *, count: bool = False) -> Iterator[Day]:
    """Yield the days from `first` to `last` that there are; raises `Unavailable`.

    Merged objects say how many events they have in their names; with `count` the others are read for it,
    which raises as `Shelf.body` does.
    """
    for day, held in groupby(shelf.stored(first, last), key=lambda one: one.day):
        objects = [*held]
        known = [_lines_in(shelf, one, count=count) for one in objects]
        told = [number for number in known if number is not None]
        yield Day(
            day,
            len(objects),
            sum(merged(one.order) is not None for one in objects),
            sum(one.size for one in objects),
            sum(told) if len(told) == len(known) else None,
        )


def read_day(shelf: Shelf, day: str) -> Iterator[tuple[Stored, Sequence[bytes]]]:
    """Yield the objects of a day and their lines, in the order of counting; raises as `Shelf.body` does.

    What is merged meanwhile may come twice, and nothing is left out.
    """
    seen: set[str] = set()
    while found := [one for one in shelf.stored(day, day) if one.key not in seen]:
        for one in sorted(found, key=lambda one: (one.order, one.key)):
            seen.add(one.key)
            body = shelf.body(one.key)
            if body is None:
                break
            yield one, body.lines


def _lines_in(shelf: Shelf, one: Stored, *, count: bool) -> int | None:
    if known := merged(one.order):
        return known.lines
    if not count:
        return None
    body = shelf.body(one.key)
    return len(body.lines) if body else 0
