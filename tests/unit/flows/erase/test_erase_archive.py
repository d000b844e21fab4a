"""Erasing from the archive: it comes to an end, and takes nothing that somebody else did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from fakes.compacting import DAY, NOW, Delivered, erase, everything, shelved
from fakes.erasing import ADA, World
from fakes.events import event, identify
from fakes.memory_holdings import MemoryHoldings
from fakes.memory_mailbox import MemoryMailbox
from fakes.memory_shelf import MemoryShelf
from pql.core.archived import ENDING, Line, named
from pql.core.envelope import decode, encode
from pql.core.erasure import Whom
from pql.flows.erase import Erasure
from pql.flows.holdings import Receipt
from pql.flows.replay import Stored

PHONE = Whom(keys=frozenset({"n:phone"}), words=frozenset({"phone"}))
# The phone was Bob's, who signed out, and is Ada's.
LENT = [
    identify("his", "bob", anonymous="phone"),
    event("named", at=1, user="bob", anonymous="phone"),
    identify("hers", "ada", at=2, anonymous="phone"),
    event("she looks", at=3, user=None, anonymous="phone"),
]


class Busy(MemoryShelf):
    """An archive in which something is counted, by a clock that goes on, whenever it is listed."""

    looks = 0

    def stored(self, first: str = "", last: str = "") -> Iterator[Stored]:
        """Yield the objects, and one that was not there before."""
        self.looks += 1
        assert self.looks < 9, "it follows the writers"
        name = named(NOW + self.looks * DAY, f"live{ENDING}")
        self.held[f"2025-03-01/{name}"] = next(iter(self.held.values()))
        return super().stored(first, last)


def test_an_archive_that_others_write_into_is_erased_in_the_end() -> None:
    """What was counted after the first look is what somebody does later; all before is theirs no more."""
    shelf = Busy(shelved([Delivered(at, ((at, "ada"), (at + 9, "ben"))) for at in (10, 11)]))
    erase(shelf)
    before = {key: body for key, body in shelf.held.items() if key < "2025-03"}

    assert {"ben"} == {one.user for one in everything(before)}


@pytest.mark.parametrize("moment", [NOW, NOW + DAY], ids=["begun before", "its clock is ahead"])
def test_what_a_worker_had_begun_is_looked_for_again(moment: int) -> None:
    """It was delivered before, and is in the archive only when the first look is over."""

    class Overtaken(MemoryShelf):
        def lines(self, key: str) -> list[Line]:
            late = named(moment, f"late{ENDING}")
            self.held.setdefault(f"2025-01-31/{late}", self.held[key])
            return [*super().lines(key)]

    shelf = Overtaken(shelved([Delivered(10, ((10, "ada"),))]))
    if moment > NOW:
        ahead = named(moment + 1, f"ahead{ENDING}")
        shelf.held[f"2025-01-01/{ahead}"] = next(iter(shelf.held.values()))
    erase(shelf)

    assert [] == everything(shelf.held)


def test_an_object_that_another_erasure_wrote_first_is_read_again() -> None:
    """What a replay counted has no moment in its name: it stands where it was written last."""

    class Raced(MemoryShelf):
        def keep(self, key: str, lines: Sequence[Line]) -> None:
            if self.written > NOW:
                return super().keep(key, lines)
            self.written = NOW + DAY
            return super().keep(key, [line for line in self.lines(key) if line.event.user == "ada"])

    lines = next(iter(shelved([Delivered(10, ((10, "ada"), (19, "ben")))]).values()))
    shelf = Raced({f"2025-01-01/replayed{ENDING}": lines}, NOW)
    erase(shelf)

    assert [] == everything(shelf.held)


def test_what_somebody_else_did_on_a_device_of_theirs_is_not_theirs() -> None:
    """In the archive as in a queue of what could not be counted, where it would be lost."""
    world = World(LENT)
    mailbox = MemoryMailbox()
    mailbox.put(encode(LENT))
    erasure = Erasure(MemoryHoldings(world.store), ADA, 0, 45, write=True, pause=lambda _: None)
    erasure.events(mailbox, "letters", ADA.knowing(world.store.people), Receipt(0, 0))
    world.erase(ADA)
    lines = [one.id for held in world.archive.batches.values() for _, one in held]

    assert [one.id for one in LENT[:2]] == lines
    assert [lines] == [[one.id for one in decode(body)] for body in mailbox.bodies()]


def test_a_device_that_is_erased_itself_loses_what_was_done_on_it_by_whomever() -> None:
    """Nobody is left to tell whose it was."""
    world = World(LENT)
    world.erase(PHONE)

    assert {} == world.archive.batches
