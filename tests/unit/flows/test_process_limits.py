"""Processing: floods and large accounts are written in parts, seldom, and in time."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.events import HOUR, START, event, group
from fakes.plans import plan_of
from fakes.processing import PLENTY, World, reports
from pql.adapters.memory_store import MemoryStore
from pql.core.errors import Unwritable
from pql.flows import count
from pql.flows.count import ITEM_OVERHEAD, Counter
from pql.flows.revision import LEADS_LIMIT
from pql.flows.sight import COMMIT_LIMIT, Placed, look, works


def test_fault_054_one_batch_costs_one_write_an_account() -> None:
    """However many events and messages there are, the account is written once."""
    world = World()
    world.run(reports(20), reports(30)[20:])

    assert (1, 30) == (world.memory.accounts["a:acme"].version, world.reports())


def test_more_new_events_than_one_commit_takes_are_all_counted() -> None:
    """A flood for one account is committed in several writes of bounded size."""
    world = World()
    events = [event(i, at=i * 1000) for i in range(COMMIT_LIMIT * 2 + 5)]
    outcome = world.run(events)

    assert (len(events), 3) == (world.reports(), world.memory.accounts["a:acme"].version)
    assert len(events) == outcome.counts["EventsCounted"]


def test_fault_061_an_account_that_has_grown_large_is_told_while_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With each write beyond what is cheap, by the name that logs have for it; smaller ones are not."""
    small = World().run(reports(1))
    world = World()
    world.run(reports(1))
    monkeypatch.setattr(count, "LARGE", len(world.memory.accounts["a:acme"].state) + ITEM_OVERHEAD)
    large = world.run([event("more")])

    assert (0, []) == (small.counts["LargeAccounts"], small.large)
    assert (1, ["a:acme"]) == (large.counts["LargeAccounts"], large.large)


@pytest.mark.parametrize("call", ["move", "commit"])
def test_fault_061_an_item_that_the_table_refuses_holds_up_nobody_else(call: str) -> None:
    """A row or a member that can never be written fails its own messages only."""

    class Refusing(MemoryStore):
        def move(self, move: Any, leads: Any) -> None:
            if call == "move" and "whale" in move.member.account:
                raise Unwritable("too large")
            super().move(move, leads)

        def commit(self, change: Any, leads: Any) -> None:
            if call == "commit" and "whale" in change.row.subject:
                raise Unwritable("too large")
            super().commit(change, leads)

    world = World(store=Refusing())
    outcome = world.run([group("w", "whale", "bob"), event(1, account="whale", user="bob")], reports(2))

    assert (["0"], 2) == (outcome.failed, world.reports())
    assert (1, ["unwritable"]) == (
        outcome.counts["AccountsFailed"],
        [error.code for _, error in outcome.faults],
    )


def test_more_leads_than_one_transaction_takes_are_made_in_several() -> None:
    """A backlog in which a rule fires again and again is committed in parts."""
    plan = plan_of(
        """
signals: {reports: {count: any, within: 1h}}
rules: {each: {when: {signal: reports, at_least: 1}, cooldown: 1h, title: t, reason: r}}
"""
    )
    memory = MemoryStore()
    counter = Counter(memory, plan, 45, lambda _: None)
    (work,) = works([Placed(event(i, at=i * 2 * HOUR), "a:acme") for i in range(250)])
    counted = counter.count(work, look(memory, [work]), START, lambda: PLENTY)

    assert (250, 250, 250) == (counted.new, counted.leads, len(memory.leads))
    assert memory.accounts["a:acme"].version > 250 // LEADS_LIMIT


def test_fault_054_a_flood_for_one_account_stops_in_time() -> None:
    """What was committed stays, and the message comes again for the rest."""
    world = World()
    seconds = iter([60.0, 2.0])
    outcome = world.run([event(i, at=i) for i in range(COMMIT_LIMIT + 1)], remaining=lambda: next(seconds))

    assert (["0"], COMMIT_LIMIT) == (outcome.failed, world.reports())
    assert 0 == outcome.counts["AccountsContended"]
