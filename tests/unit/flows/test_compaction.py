"""Compacting the archive: many objects become few, in the order of counting, once their day is over."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

import pytest
from hypothesis import given, settings

from fakes.chances import examples
from fakes.compacting import (
    CROWDED,
    DELIVERIES,
    FIRST,
    NOW,
    Delivered,
    compact,
    compact_at,
    everything,
    shelved,
    stream,
)
from fakes.events import DAY, HOUR, START
from fakes.memory_shelf import MemoryShelf
from pql.core.errors import Poison
from pql.flows.compaction import Compacted, Compaction
from pql.flows.shelf import Body


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED)
def test_the_order_of_counting_stays(deliveries: list[Delivered]) -> None:
    """The compacted archive is read as it was before, and compacting it again changes nothing."""
    shelf = MemoryShelf(shelved(deliveries))
    before = stream(shelf)
    compact(shelf)
    after = dict(shelf.held)

    assert before == stream(shelf)
    assert Compacted() == compact(shelf, run=1)
    assert after == shelf.held


def test_many_become_few() -> None:
    """A day of small objects becomes few of the wanted size, which lie under their day."""
    shelf = MemoryShelf(shelved([Delivered(at, ((at, "ada"),)) for at in range(100)]))
    found = compact(shelf, target=30)

    assert [30, 30, 30, 10] == [len(body.lines) for _, body in sorted(shelf.held.items())]
    assert (100, 4, {"2025-01-01": 100}) == (found.gone, found.made, found.days)


def test_what_was_counted_at_one_moment_is_never_parted() -> None:
    """However many there are: what follows a merged object was counted after all of it."""
    shelf = MemoryShelf(
        shelved([Delivered(at, ((at, "ada"), (at, user))) for at in (3, 5) for user in "abcde"])
    )
    compact(shelf)

    assert [(START + 3 * 60_000, 6), (START + 5 * 60_000, 6)] == [
        (one.counted_at, len(shelf.held[one.key].lines)) for one in shelf.stored()
    ]


def test_what_was_delivered_twice_is_written_once() -> None:
    """Where it was counted first, and it is told how often that was."""
    shelf = MemoryShelf(shelved([Delivered(at, ((0, "ada"), (at, "ben"))) for at in (1, 2, 3)]))
    found = compact(shelf, target=100)

    assert (2, stream(shelf)) == (found.repeats, [one.id for one in everything(shelf.held)])


def test_what_lies_under_the_day_before_the_first_is_compacted_with_the_day_it_was_counted_on() -> None:
    """It was received just before midnight; nobody else would look for it."""
    held = [Delivered(24 * 60 + at, ((24 * 60 - 1, user),)) for at, user in ((1, "ada"), (2, "ben"))]
    shelf = MemoryShelf(shelved(held))
    found = Compaction(shelf, NOW, lambda: "t").run("2025-01-02", "2025-01-02")

    assert (2, 1, {"2025-01-02": 2}) == (found.gone, found.made, found.days)
    assert [FIRST] == [one.day for one in shelf.stored()]


def test_what_is_counted_days_later_is_still_known_when_its_day_comes() -> None:
    """Whatever is merged of the day between."""
    between = [Delivered(24 * 60 + at, ((24 * 60 + at, "ada"),)) for at in (1, 2)]
    shelf = MemoryShelf(shelved([*between, *(Delivered(48 * 60 + at, ((at, "ben"),)) for at in (1, 2))]))

    assert {"2025-01-02": 2, "2025-01-03": 2} == compact(shelf).days


def test_what_is_counted_at_midnight_is_of_the_day_that_begins() -> None:
    """It is not merged with what was counted a minute before, though it lies under the same day."""
    minute = 24 * 60 - 1
    shelf = MemoryShelf(shelved([Delivered(minute + later, ((minute, "ada"),)) for later in (0, 1)]))

    assert Compacted() == compact(shelf)


@pytest.mark.parametrize(("force", "expected"), [(False, 2), (True, 1)])
def test_what_still_grows(*, force: bool, expected: int) -> None:
    """The last two days are left alone, unless forced: then the last hour is."""
    shelf = MemoryShelf(shelved([Delivered(0, ((0, "ada"),)), Delivered(5, ((5, "ada"),))]))
    compaction = Compaction(shelf, START + 2 * HOUR, lambda: "t")
    compaction.run(FIRST, FIRST, force=force)

    assert expected == len(shelf.held)
    Compaction(shelf, START + HOUR, lambda: "u").run(FIRST, FIRST, force=True)
    assert expected == len(shelf.held)


@pytest.mark.parametrize(("ago", "left"), [(2 * DAY - 1, 2), (2 * DAY, 1)])
def test_yesterday_still_grows(ago: int, left: int) -> None:
    """Until its night is over, wherever one is."""
    shelf = MemoryShelf(shelved([Delivered(0, ((0, "ada"),)), Delivered(5, ((5, "ada"),))]))
    compact_at(shelf, START + ago, 4, 0)

    assert left == len(shelf.held)


def test_what_is_no_archive_is_told_once() -> None:
    """Also where its day is begun anew, since somebody has changed what was read."""

    class Changing(MemoryShelf):
        looks = count()

        def body(self, key: str) -> Body | None:
            if key.endswith("-r01.jsonl.gz"):
                raise Poison(key)
            return super().body(key)

        def between(self, first: str, last: str) -> Mapping[str, str]:
            return super().between(first, last) if next(self.looks) else {}

    shelf = Changing(shelved([Delivered(at, ((at, "ada"),)) for at in (0, 1, 2, 3)]))
    found = compact(shelf, target=1000)

    assert (2, 1) == (found.gone, found.made)
    assert [f"{FIRST}/{START + 60_000:013}-r01.jsonl.gz"] == found.unread
