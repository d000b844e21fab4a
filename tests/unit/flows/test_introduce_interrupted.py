"""Introducing a rule: whatever goes wrong or comes in between, there are just as many leads."""

from __future__ import annotations

from contextlib import suppress

import pytest

from fakes.crashing_store import WAYS, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event, group
from fakes.interrupted_store import InterruptedStore
from fakes.introducing import OLD, QUIET, SIGNALS, count, introduce, keen, leads_of, peopled, reports
from fakes.plans import plan_of
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.flows.introduce import Introducer
from pql.flows.survey import Survey, Tally


def test_who_moves_meanwhile_is_nobody_either() -> None:
    """Nothing is left in the row when it is read again, and so no rule holds for it."""
    few = SIGNALS + QUIET + "  few: {when: {signal: reports, less_than: 5}, title: t, reason: r}"
    store = MemoryStore()
    count(store, event(1, account=None, user="ada", at=0), plan=OLD)
    rows = [*store.accounts.values()]
    count(store, group(2, user="ada", account="acme", at=HOUR), plan=OLD)
    introducer = Introducer(store, MemoryLeads(store.leads), plan_of(few), ["few"], START + DAY, write=True)
    surveys, tally = {"few": Survey()}, Tally()
    introducer.survey(rows, surveys, tally)

    assert (["u:ada"], "a:acme") == ([one.subject for one in rows], store.accounts["u:ada"].moved)
    assert (Survey(), 0) == (surveys["few"], tally.accounts)


@pytest.mark.parametrize("way", WAYS)
def test_whatever_call_goes_wrong_the_next_run_ends_the_same(way: Way) -> None:
    """For every call: it goes wrong, the command is typed once more, and there are just as many leads."""
    quiet = CrashingStore(peopled(), -1, way)
    introduce(quiet, announce=2, memory=quiet.store)
    ends = []
    for at in range(quiet.calls):
        store = CrashingStore(peopled(), at, way)
        with suppress(Killed, Exception):
            introduce(store, announce=2, memory=store.store)
        introduce(store.store, announce=2)
        ends.append(leads_of(store.store))

    assert quiet.calls > 8
    assert [leads_of(quiet.store)] * len(ends) == ends


def test_two_at_once_make_the_same_few() -> None:
    """Whoever comes second finds the lead standing and counts it."""
    for at in range(12):
        memory = peopled()
        store = InterruptedStore(memory, {at: lambda memory=memory: introduce(memory, announce=2)})
        introduce(store, announce=2, memory=memory)

        assert {("six", "keen"), ("five", "keen")} == {*leads_of(memory)}


def test_an_event_that_comes_in_between_is_counted_and_makes_its_own_lead() -> None:
    """Who was silent by the survey and fires by the event is no second lead."""
    ends = []
    for at in range(12):
        memory = peopled()
        news = reports("one", 5, 5 * DAY + HOUR)
        store = InterruptedStore(memory, {at: lambda memory=memory, news=news: count(memory, *news)})
        introduce(store, announce=2, memory=memory)
        store.rest()
        ends.append({*leads_of(memory)})

    assert [{("six", "keen"), ("five", "keen"), ("one", "keen")}] * len(ends) == ends


def test_who_ceases_to_hold_before_their_turn_makes_room_for_the_next() -> None:
    """A lead is made of what is so when it is made, not of the list."""
    ends = set()
    for at in range(12):
        memory = peopled()
        order = event("o", "Order Completed", account="six", at=5 * DAY + HOUR)
        store = InterruptedStore(memory, {at: lambda memory=memory, order=order: count(memory, order)})
        introduce(store, announce=2, memory=memory)
        ends.add(frozenset(keen(memory)))

    assert {frozenset({"six", "five"}), frozenset({"five", "two"})} == ends


def test_a_lead_that_stands_already_is_one_of_the_few() -> None:
    """After a partial restore: it is adopted, and said to have been there."""
    store = peopled()
    before = dict(store.accounts)
    introduce(store, announce=2)
    store.accounts.update(before)
    surveys, _ = introduce(store, announce=2)

    assert ["was_lead", "was_lead", "silent", "silent"] == [one.outcome for one in surveys["keen"].ranked]
    assert ["six", "five"] == keen(store)
