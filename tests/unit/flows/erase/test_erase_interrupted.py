"""Erasing: a crash at any write, or a worker in between, leaves nothing and loses nothing of others."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from fakes.crashing_store import Killed
from fakes.erasing import DEVICES, PLAN, STORY, World
from fakes.events import HOUR, START, event
from fakes.interrupted_store import InterruptedStore
from fakes.memory_holdings import MemoryHoldings
from pql.core.erasure import Whom
from pql.core.errors import Conflict
from pql.core.event import Event
from pql.core.member import Member
from pql.engine.state import unpack


class _Interrupted:
    """Holdings that call somebody before the write of a given number."""

    WRITES = (
        "put_member",
        "blank",
        "part",
        "rewrite",
        "delete_origin",
        "delete_lead",
        "rewrite_reason",
        "rewrite_lead",
    )

    def __init__(self, holdings: MemoryHoldings, at: int, job: Callable[[Callable[[], None]], None]) -> None:
        self.holdings = holdings
        self.at = at
        self.job = job
        self.writes = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.holdings, name)
        if name not in self.WRITES:
            return method

        def call(*args: Any) -> Any:
            self.writes += 1
            if self.writes - 1 != self.at:
                return method(*args)
            return self.job(lambda: method(*args))

        return call


def _killed_before(_: Callable[[], None]) -> None:
    raise Killed


def _killed_after(write: Callable[[], None]) -> None:
    write()
    raise Killed


def _answer_lost(write: Callable[[], None]) -> None:
    write()
    raise Conflict("lost")


@pytest.mark.parametrize("way", [_killed_before, _killed_after, _answer_lost])
def test_fault_105_a_crash_at_any_write_and_another_run_end_the_same(
    way: Callable[[Callable[[], None]], None],
) -> None:
    """Whatever was done before, the next run finds all that is left to do."""
    whole = World()
    whole.erase()
    expected = whole.told()
    crashes = 0
    while True:
        world = World()
        holdings = MemoryHoldings(world.store)
        broken = _Interrupted(holdings, crashes, way)
        with suppress(Killed):
            world.erase(holdings=broken)
        if broken.writes <= crashes:
            break
        world.erase(holdings=holdings)
        outcome = world.count(*STORY, *DEVICES)
        world.archive.batches.popitem()

        assert expected == world.told()
        assert 0 == outcome.counts["EventsCounted"] + outcome.counts["EventsCountedForPeople"]
        crashes += 1
    assert crashes > 8


def test_fault_067_a_worker_in_between_loses_nothing_and_doubles_nothing() -> None:
    """Before any write somebody counts an event of Bob, and one of Ada: both count once, hers anew."""
    for at in range(9):
        world = World()
        late = [
            event(f"bob {at}", at=8 * HOUR, user="bob", account=None),
            event(f"ada {at}", at=8 * HOUR, account=None),
        ]

        def work(write: Callable[[], None], world: World = world, late: list[Event] = late) -> None:
            world.count(*late)
            write()

        world.erase(holdings=_Interrupted(MemoryHoldings(world.store), at, work))
        again = world.count(*late)
        world.erase()

        assert 0 == again.counts["EventsCounted"]
        assert "Ada" not in world.told()
        assert "'ada'" not in world.told()
        assert {"bob"} == set(unpack(PLAN, "a:acme", world.store.accounts["a:acme"].state).people)


def test_a_lead_that_is_made_meanwhile_of_what_is_erased_goes_too() -> None:
    """By one more report before any write: leads are looked for when nothing can make another."""
    for at in itertools.count():
        world = World([event(1), event(2)])

        def work(write: Callable[[], None], world: World = world) -> None:
            world.count(event(3))
            write()

        holdings = _Interrupted(MemoryHoldings(world.store), at, work)
        world.erase(Whom(accounts=frozenset({"a:acme"})), holdings)
        assert "a:acme" not in {key.subject for key in world.store.leads}, at
        if holdings.writes <= at:
            break
    assert at


def test_fault_067_a_worker_who_is_overtaken_starts_over() -> None:
    """It has placed an event by a member that is erased before it writes, and a copy has been counted since.

    The account's row says nothing of the person, so that only the member's transaction can stop the worker.
    """
    hers = event("hers", account=None)
    calls = 0
    while True:
        world = World([event("his", user="bob")])
        world.store.people["u:ada"] = Member(1, "acme", START)

        def overtake(world: World = world) -> None:
            world.erase()
            world.count(hers)

        broken = InterruptedStore(world.store, {calls: overtake})
        world.count(hers, store=broken)
        if broken.jobs:
            break

        counted = [
            world.values(subject)[0] for subject in world.store.accounts if subject[:2] in ("a:", "u:")
        ]
        assert 2 == sum(counted)
        calls += 1
    assert calls > 3
