"""Archives of a few lines to be compacted, and whoever stops or disturbs that before any call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from fakes.events import DAY, START, event
from fakes.memory_shelf import MemoryShelf
from pql.core.archived import Line
from pql.core.erasure import Whom
from pql.core.keys import user_key
from pql.flows.compaction import Compacted, Compaction
from pql.flows.erase import Erasure
from pql.flows.holdings import Receipt
from pql.flows.replay import Stored
from pql.flows.shelf import Body

FIRST, LAST = "2025-01-01", "2025-01-04"
NOW = START + 30 * DAY
ADA = Whom(keys=frozenset({user_key("ada")}))


class Delivered(NamedTuple):
    """Events that were counted at `at` (minutes after the start), by (minute of receipt, user)."""

    at: int
    events: tuple[tuple[int, str], ...]


class Stopped(Exception):
    """Somebody has pulled the plug."""


class Watched(MemoryShelf):
    """A shelf that calls `before` with the number of each call before it is made."""

    def __init__(self, held: Mapping[str, Body], before: Callable[[int], None]) -> None:
        super().__init__(dict(held))
        self._calls = count()
        self._before = before

    def stored(self, first: str = "", last: str = "") -> Iterator[Stored]:
        """List, all of it at one moment."""
        self._before(next(self._calls))
        return iter([*super().stored(first, last)])

    def body(self, key: str) -> Body | None:
        """Read."""
        self._before(next(self._calls))
        return super().body(key)

    def put(self, day: str, name: str, lines: Sequence[bytes]) -> str:
        """Write."""
        self._before(next(self._calls))
        return super().put(day, name, lines)

    def between(self, first: str, last: str) -> Mapping[str, str]:
        """List a range."""
        self._before(next(self._calls))
        return super().between(first, last)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete, and be stopped between any two objects."""
        for key in keys:
            self._before(next(self._calls))
            super().delete([key])


DELIVERIES = st.lists(
    st.builds(
        Delivered,
        st.integers(0, 3 * 24 * 60),
        st.lists(
            st.tuples(st.integers(0, 3 * 24 * 60), st.sampled_from(["ada", "ben"])), min_size=1, max_size=3
        ).map(tuple),
    ),
    max_size=7,
)
# Many at the same moment, around midnight.
CROWDED = st.lists(
    st.builds(
        Delivered,
        st.integers(24 * 60 - 2, 24 * 60 + 3),
        st.lists(
            st.tuples(st.integers(24 * 60 - 3, 24 * 60 + 1), st.sampled_from(["ada", "ben"])),
            min_size=1,
            max_size=3,
        ).map(tuple),
    ),
    max_size=7,
)


def shelved(deliveries: Sequence[Delivered]) -> dict[str, Body]:
    """Return the objects that deliveries leave; some lines are delivered twice."""
    shelf = MemoryShelf()
    for number, one in enumerate(deliveries):
        held: dict[str, list[bytes]] = {}
        for minute, user in one.events:
            happened = event((minute, user), at=min(minute, one.at) * 60_000, user=user)
            day = f"2025-01-{1 + min(minute, one.at) // (24 * 60):02}"
            held.setdefault(day, []).append(msgspec.json.encode(Line("a:acme", happened)))
        for day, lines in held.items():
            shelf.put(day, f"{START + one.at * 60_000:013}-r{number:02}.jsonl.gz", lines)
    return shelf.held


def compact(shelf: Any, target: int = 4, run: int = 0, **more: Any) -> Compacted:
    """Compact all days; every run has tokens of its own, later ones later tokens."""
    return compact_at(shelf, NOW, target, run, **more)


def compact_at(shelf: Any, now: int, target: int, run: int, **more: Any) -> Compacted:
    """Compact as of a moment."""
    tokens = count()
    compaction = Compaction(shelf, now, lambda: f"{run:02}x{next(tokens):04}", target)
    return compaction.run(FIRST, LAST, **more)


def stream(shelf: MemoryShelf) -> list[str]:
    """Return the ids of all events in the order of counting, repeats left out."""
    return [*dict.fromkeys(one.id for delivery in shelf.deliveries() for one in delivery.events)]


def disturbed(held: Mapping[str, Body], call: int, stopped: int, other: Callable[[Any], object]) -> Watched:
    """Return a shelf on which somebody else acts before a call, and is stopped before one of their own."""

    def stop(number: int) -> None:
        if number == stopped:
            raise Stopped

    def another(number: int) -> None:
        if number == call:
            theirs = Watched({}, stop)
            theirs.held = shelf.held
            with suppress(Stopped):
                other(theirs)

    shelf = Watched(held, another)
    return shelf


def erase(shelf: MemoryShelf) -> None:
    """Erase Ada from the archive."""
    nobody: Any = None
    erasure = Erasure(nobody, ADA, NOW, 45, write=True, pause=lambda _: None)
    erasure.archive(shelf, ADA, Receipt(NOW, 0))


def everything(held: Mapping[str, Body]) -> list[Any]:
    """Return all events, in the order of counting."""
    return [one for delivery in MemoryShelf(dict(held)).deliveries() for one in delivery.events]
