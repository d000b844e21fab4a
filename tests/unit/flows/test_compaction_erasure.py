"""Compacting the archive beside an erasure: what was erased stays so, and nothing is hidden from it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import count

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
    disturbed,
    erase,
    everything,
    shelved,
    stream,
)
from fakes.memory_shelf import MemoryShelf
from pql.core.archived import Line


def test_what_a_stopped_compaction_wrote_brings_nothing_back() -> None:
    """It ends with what it was made of, while that is there: whatever was taken out of that meanwhile."""

    class Stopping(MemoryShelf):
        def delete(self, keys: Sequence[str]) -> None:
            raise Stopped

    shelf = Stopping(shelved([Delivered(at, ((at, "ada"), (at + 9, "ben"))) for at in (10, 11)]))
    made_of = [*shelf.held]
    with suppress(Stopped):
        compact(shelf)
    left = MemoryShelf({**shelf.held})
    for key in made_of:
        left.keep(key, [line for line in left.lines(key) if line.event.user == "ben"])
    compact(left, run=1)

    assert (3, 1) == (len(shelf.held), len(left.held))
    assert {"ben"} == {one.user for one in everything(left.held)}


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 60), st.integers(0, 60))
def test_an_erasure_beside_it(deliveries: list[Delivered], call: int, stopped: int) -> None:
    """Whatever is erased between any two calls stays erased, if the compaction is stopped and repeated."""

    def erased(number: int) -> None:
        if number == call:
            erase(MemoryShelf(shelf.held))
        if number == stopped > call:
            raise Stopped

    shelf = Watched(shelved(deliveries), erased)
    kept = [one.id for one in everything(shelved(deliveries)) if one.user != "ada"]
    with suppress(Stopped):
        compact(shelf)
    left = MemoryShelf(shelf.held)
    compact(left, run=1)

    if call < next(shelf._calls):  # the erasure came
        assert {"ben"} >= {one.user for one in everything(left.held)}
    assert [one for one in stream(left) if one in kept] == [*dict.fromkeys(kept)]


def test_what_is_erased_before_any_call_stays_erased() -> None:
    """What was read is held against the archive once more before anything of it is deleted."""
    held = shelved([Delivered(at, ((at, "ada"), (at + 9, "ben"))) for at in range(10, 14)])
    for call in range(30):
        shelf = disturbed(held, call, -1, lambda other: erase(MemoryShelf(other.held)))
        compact(shelf)
        if call < next(shelf._calls):
            assert {"ben"} == {one.user for one in everything(shelf.held)}, call


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 40))
def test_it_beside_an_erasure(deliveries: list[Delivered], call: int) -> None:
    """A compaction between any two calls of an erasure hides nothing from it."""

    class Pages(MemoryShelf):
        calls = count()

        def lines(self, key: str) -> Sequence[Line]:
            """Read."""
            self.beside()
            return super().lines(key)

        def keep(self, key: str, lines: Sequence[Line]) -> None:
            """Write."""
            self.beside()
            super().keep(key, lines)

        def beside(self) -> None:
            """Compact, once."""
            if next(self.calls) == call:
                compact(MemoryShelf(self.held))

    shelf = Pages(shelved(deliveries))
    shelf.calls = count()
    kept = [one.id for one in everything(shelf.held) if one.user != "ada"]
    erase(shelf)

    assert {"ben"} >= {one.user for one in everything(shelf.held)}
    assert [*dict.fromkeys(kept)] == stream(MemoryShelf(shelf.held))
