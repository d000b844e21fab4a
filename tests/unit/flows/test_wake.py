"""Waking: what only time makes true becomes a lead once, of its own moment."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fakes.events import DAY, HOUR, START, event
from fakes.plans import plan_of
from fakes.waking import ACME, PLAN, QUIET, count, plenty, stored_leads, wake, wakes
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change
from pql.core.lead import Lead
from pql.engine.state import unpack
from pql.flows.revision import LEADS_LIMIT
from pql.flows.wake import Waker


def test_silence_makes_a_lead_at_the_moment_it_is_long_enough() -> None:
    """No event comes: the lead is of that moment, however late it is found, and of no event."""
    store = MemoryStore()
    count(store, event(1), event(2, at=HOUR))
    outcome = wake(store, QUIET + 5 * HOUR)
    (lead,) = stored_leads(store)

    assert (QUIET, None, "acme went quiet", "0 of 2") == (
        lead.created,
        lead.event_id,
        lead.title,
        lead.reason,
    )
    assert {"AccountsWoken": 1, "LeadsCreated": 1} == outcome.counts
    assert {ACME: None} == wakes(store)


def test_nobody_is_woken_before_the_moment_has_settled() -> None:
    """Events received until then are still on their way for a minute."""
    store = MemoryStore()
    count(store, event(1))
    early = Waker(store, PLAN).run(QUIET + 60_000 - 1, plenty)

    assert ({}, [], {ACME: QUIET // 1000}) == (early.counts, stored_leads(store), wakes(store))
    assert 1 == wake(store, QUIET).counts["LeadsCreated"]


def test_a_lead_that_time_made_is_made_once() -> None:
    """Whether the sweep or the next event comes first: it is the same lead, of the same moment."""
    swept, counted = MemoryStore(), MemoryStore()
    late = event(2, at=4 * DAY)
    for store in (swept, counted):
        count(store, event(1))
    wake(swept, QUIET)
    for store in (swept, counted):
        count(store, late)
        wake(store, START + 4 * DAY)

    assert 1 == len(stored_leads(swept))
    assert stored_leads(swept) == stored_leads(counted)
    assert swept.accounts[ACME].state == counted.accounts[ACME].state


def test_a_moment_at_which_nothing_happens_moves_the_wake_alone() -> None:
    """The account is left as the last event left it, at the price of one write."""
    store = MemoryStore()
    count(store, event(1), event(2, at=DAY))
    before, writes = store.accounts[ACME], store.writes
    outcome = wake(store, QUIET)

    assert ({ACME: QUIET // 1000}, {"AccountsWoken": 1, "LeadsCreated": 0}) == (
        {ACME: before.wake},
        outcome.counts,
    )
    assert msgspec.structs.replace(before, version=2, wake=(QUIET + DAY) // 1000) == store.accounts[ACME]
    assert writes + 1 == store.writes


def test_the_clock_stands_at_the_moment_judged() -> None:
    """An event received after the moment and counted after the sweep is judged when it was received."""
    store = MemoryStore()
    count(store, event(1))
    wake(store, QUIET + 10 * HOUR)

    assert QUIET == unpack(PLAN, ACME, store.accounts[ACME].state).clock


def test_events_move_the_stored_wake_to_an_earlier_second_only() -> None:
    """A later one is found by waking too early, which costs less than writing an index at every event."""
    store = MemoryStore()
    stored = []
    for one in (event(1, at=3 * DAY), event(2, at=2 * DAY, received=3 * DAY), event(3, at=4 * DAY)):
        count(store, one)
        stored.append(wakes(store)[ACME])
    kept = store.changes[ACME]

    assert [START // 1000 + days * 86_400 for days in (5, 4, 4)] == stored
    assert kept.row.wake == kept.wake


HOURLY = plan_of(
    """
signals: {ever: {count: any}}
rules: {again: {when: {signal: ever, at_least: 1}, cooldown: 1h, requalify: {after: 1h}, title: t, reason: r}}
"""
)


def test_more_leads_than_one_transaction_takes_are_made_by_several_runs() -> None:
    """Nothing is lost of what a long sleep has made true, and no transaction is too large."""

    class Limited(MemoryStore):
        largest = 0

        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            self.largest = max(self.largest, len(leads))
            super().commit(change, leads)

    swept, counted = Limited(), Limited()
    for store in (swept, counted):
        count(store, event(1), plan=HOURLY)
    for _ in range(3):
        wake(swept, START + 250 * HOUR, plan=HOURLY)
    for store in (swept, counted):
        count(store, event(2, at=250 * HOUR), plan=HOURLY)

    assert 251 == len(swept.leads)
    assert (stored_leads(swept), swept.largest) == (stored_leads(counted), LEADS_LIMIT)
    assert swept.accounts[ACME].state == counted.accounts[ACME].state


def test_a_second_that_has_only_begun_wakes_nobody() -> None:
    """What happens within a second is looked for when it is over, and not twice."""
    store = MemoryStore()
    count(store, event(1, at=500), plan=HOURLY)
    early = wake(store, START + HOUR + 700, plan=HOURLY)

    assert ({}, {ACME: START // 1000 + 3_601}) == (early.counts, wakes(store))
    assert 1 == wake(store, START + HOUR + 1_000, plan=HOURLY).counts["LeadsCreated"]
