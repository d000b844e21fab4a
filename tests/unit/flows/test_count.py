"""Counting: where ids stand when a row lets go of them, and what somebody does who moves meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec
import pytest

from fakes.events import HOUR, START, event, group
from fakes.people import ACCOUNTS, held, pack_of, run
from pql.adapters.memory_archive import MemoryArchive
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Move, Row
from pql.core.dedup import mark_of
from pql.core.errors import Conflict, Unavailable
from pql.core.event import Event
from pql.core.lead import Lead
from pql.core.member import Member
from pql.engine.plan import Plan

PLAN = Plan(pack_of(ACCOUNTS))


def loose(key: object) -> Event:
    """Return a report that names no account."""
    return event(key, account=None)


def test_ids_stand_in_their_buckets_before_the_row_lets_go_of_them() -> None:
    """Filed after the commit they could be lost by a crash; they are kept for as many days as is said."""
    filed: set[bytes] = set()
    expires = set()

    class Filing(MemoryStore):
        def spill(self, subject: str, buckets: Mapping[str, Collection[bytes]], until: int) -> None:
            ids = {one for bucket in buckets.values() for one in bucket}
            assert ids <= self.accounts[subject].ledger.pending()
            filed.update(ids)
            expires.add(until)
            super().spill(subject, buckets, until)

    store = Filing()
    events = [event(i, at=i * 5 * HOUR) for i in range(200)]
    for start in range(0, 200, 20):
        run(store, *events[start : start + 20], plan=PLAN)
    pending = store.accounts["a:acme"].ledger.pending()

    assert {START // 1_000 + 45 * 86_400} == expires
    assert {mark_of(one).id for one in events} == filed | pending
    assert filed.isdisjoint(pending)


def test_nothing_is_counted_where_a_newer_deployment_may_have_counted_a_copy() -> None:
    """Its ids cannot be read, though the row that would count the event can."""
    store = MemoryStore()
    run(store, loose(1), plan=PLAN)
    run(store, group("g", at=1), plan=PLAN)
    before = held(store, PLAN)
    store.accounts["u:ada"] = Row("u:ada", 2, newer=True)
    outcome = run(store, loose(1), plan=PLAN)
    del store.accounts["u:ada"]

    assert (["m"], {"a:acme": 1}, {"a:acme": 1}) == (outcome.failed, before, held(store, PLAN))


class Restless(MemoryStore):
    """Somebody moves ada whenever rows have been read; `then` is what is so from the first time on."""

    def __init__(self, then: str) -> None:
        super().__init__()
        self.people["u:ada"] = Member(1, "acme")
        self.then = then
        self.looks = 0

    def rows(self, subjects: Collection[str]) -> dict[str, Row]:
        """Return rows, and move her, or forget her."""
        found = super().rows(subjects)
        known = self.people.get("u:ada")
        if self.then == "she cannot be learned":
            self.people.clear()
        elif known:
            self.people["u:ada"] = msgspec.structs.replace(known, version=known.version + 1)
        return found

    def members(self, keys: Collection[str]) -> dict[str, Member]:
        """Return members twice: to place her event, and after its rows were read."""
        self.looks += 1
        if self.looks > 2 and self.then == "the table is down":
            raise Unavailable("down")
        return super().members(keys)

    def move(self, move: Move, leads: Sequence[Lead]) -> None:
        """Refuse."""
        raise Conflict("somebody else")


@pytest.mark.parametrize("then", ["she moves again", "the table is down", "she cannot be learned"])
def test_who_is_moved_while_their_event_is_counted_is_counted_later(then: str) -> None:
    """Whatever becomes of placing it anew, the message comes again, and the event is not archived."""
    store, archive = Restless(then), MemoryArchive()
    lesson = [group("g")] if then == "she cannot be learned" else []
    outcome = run(store, *lesson, loose(1), plan=PLAN, archive=archive)

    assert (["m"], {}) == (outcome.failed, held(store, PLAN))
    assert loose(1) not in [one for lines in archive.batches.values() for _, one in lines]
