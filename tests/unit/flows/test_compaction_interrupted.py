"""Compacting the archive: stopped or overtaken before any call, it loses no line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.compacting import (
    CROWDED,
    DELIVERIES,
    Delivered,
    Stopped,
    Watched,
    compact,
    compact_at,
    disturbed,
    shelved,
    stream,
)
from fakes.events import HOUR, START
from fakes.memory_shelf import MemoryShelf
from pql.core.errors import Conflict
from pql.flows.compaction import Compacted


def test_nothing_is_deleted_where_somebody_has_taken_away_what_was_written() -> None:
    """It was read back, and is gone before all is held against the archive."""

    class Taken(MemoryShelf):
        def between(self, first: str, last: str) -> Mapping[str, str]:
            return {key: tag for key, tag in super().between(first, last).items() if "_" not in key}

    shelf = Taken(shelved([Delivered(at, ((at, "ada"),)) for at in range(3)]))
    before = dict(shelf.held)
    with pytest.raises(Conflict):
        compact(shelf)

    assert before == shelf.held


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 60))
def test_stopped_anywhere(deliveries: list[Delivered], call: int) -> None:
    """Stopped before any call, what is there is read the same, and the next run does the rest."""

    def stop(number: int) -> None:
        if number == call:
            raise Stopped

    whole = MemoryShelf(shelved(deliveries))
    expected = stream(whole)
    shelf = Watched(shelved(deliveries), stop)
    with suppress(Stopped):
        compact(shelf)
    left = MemoryShelf(shelf.held)

    assert expected == stream(left)
    compact(left, run=1)
    assert expected == stream(left)
    assert Compacted() == compact(left, run=2)
    lines = [line for body in left.held.values() for line in body.lines]
    compact(whole)
    assert {line for body in whole.held.values() for line in body.lines} == set(lines)


def test_what_was_written_is_read_back_before_anything_is_deleted() -> None:
    """Where a line of it is missing everything stays, and it is told."""

    class Torn(MemoryShelf):
        def put(self, day: str, name: str, lines: Sequence[bytes]) -> str:
            return super().put(day, name, lines[:-1])

    shelf = Torn(shelved([Delivered(at, ((at, "ada"),)) for at in range(3)]))
    before = dict(shelf.held)
    with pytest.raises(Conflict):
        compact(shelf)

    assert before == shelf.held


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 60), st.integers(0, 60))
def test_two_at_once(deliveries: list[Delivered], call: int, stopped: int) -> None:
    """Another compaction between any two calls, of another size and stopped anywhere, takes nothing away."""
    shelf = disturbed(shelved(deliveries), call, stopped, lambda other: compact(other, target=3, run=1))
    expected = stream(MemoryShelf(shelved(deliveries)))
    compact(shelf)

    assert expected == stream(MemoryShelf(shelf.held))


def test_what_lies_under_an_earlier_day_may_be_merged_by_another_meanwhile() -> None:
    """It was counted a day after it was received: whoever is overtaken looks for it anew."""
    held = shelved([Delivered(24 * 60 + at, ((at, "ada"),)) for at in range(4)])
    expected = stream(MemoryShelf(held))
    for call in range(30):
        shelf = disturbed(held, call, -1, lambda other: compact(other, run=1))
        compact(shelf)
        assert expected == stream(MemoryShelf(shelf.held)), call


@pytest.mark.parametrize(("mine", "others"), [(6, 4), (4, 6), (5, 4), (5, 5)])
def test_two_at_once_by_different_clocks(mine: int, others: int) -> None:
    """Forced, each up to an hour before its own clock, at any call and stopped anywhere: no line is lost."""
    held = shelved([Delivered(60 * hour, ((60 * hour, "ada"),)) for hour in (1, 2, 3, 4)])
    expected = stream(MemoryShelf(held))

    def left(call: int, stopped: int) -> tuple[list[str], int]:
        """Return what is left if the other runs before a call, and how many calls there were."""
        theirs = START + others * HOUR
        shelf = disturbed(held, call, stopped, lambda other: compact_at(other, theirs, 100, 1, force=True))
        compact_at(shelf, START + mine * HOUR, 100, 0, force=True)
        return stream(MemoryShelf(shelf.held)), next(shelf._calls)

    for call in range(left(-1, -1)[1]):
        for stopped in range(40):
            assert expected == left(call, stopped)[0], (call, stopped)
