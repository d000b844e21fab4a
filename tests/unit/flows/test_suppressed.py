"""Leads that something held back are counted, each once."""

from __future__ import annotations

from typing import Any

from fakes.crashing_store import CrashingStore
from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.event import Event
from pql.flows.count import Counter
from pql.flows.process import Processor
from pql.flows.wake import SETTLING, Waker

PLAN = plan_of(
    """
suppress: [{trait: plan, is: rival}]
signals:
  reports: {count: Report Created}
  recent: {count: Report Created, within: 2d}
rules:
  keen: {when: {signal: reports, at_least: 2}, title: t, reason: r}
  quiet: {when: {all: [{signal: reports, at_least: 1}, {signal: recent, less_than: 1}]}, title: t, reason: r}
"""
)
RIVAL = group(0, plan="rival")


def suppressed(store: Any, *events: Event) -> int:
    """Process events and return how many leads were held back."""
    processor = Processor(
        store,
        Counter(store, PLAN, 45, lambda _: None),
        MemoryArchive(),
        MemoryQuarantine(),
        horizon=30 * DAY,
        pause=lambda _: None,
    )
    outcome = processor.process([("m", encode(list(events)))], "batch", START, lambda: 60.0)
    assert [] == outcome.failed
    return outcome.counts["LeadsSuppressed"]


def test_a_lead_is_held_back_once() -> None:
    """Not by every event while the rule holds, nor by a repeat of the event."""
    store = MemoryStore()
    suppressed(store, RIVAL)
    counts = [suppressed(store, event(one, at=HOUR)) for one in (1, 2, 3, 3)]

    assert ([0, 1, 0, 0], {}) == (counts, store.leads)


def test_what_time_makes_true_and_something_holds_back_counts_when_it_is_written() -> None:
    """A sweep in which nothing fires remembers nothing, so it counts nothing; the next event does."""
    store = MemoryStore()
    suppressed(store, RIVAL, event(1), event(2))
    woken = [Waker(store, PLAN).run(START + 3 * DAY + SETTLING, lambda: 60_000) for _ in range(2)]
    counted = [suppressed(store, event(key, at=4 * DAY + key)) for key in (3, 4)]

    assert [0, 0] == [one.counts["LeadsSuppressed"] for one in woken]
    assert ([1, 0], {}) == (counted, store.leads)


def test_who_is_not_held_back_counts_nothing() -> None:
    """A lead is no lead held back."""
    store = MemoryStore()

    assert (0, 1) == (suppressed(store, event(1), event(2)), len(store.leads))


def test_a_conflict_counts_nothing_twice() -> None:
    """What was not written did not happen."""
    for at in range(6):
        store = CrashingStore(MemoryStore(), at, "request lost")
        try:
            first = suppressed(store, RIVAL, event(1), event(2))
        except AssertionError:
            first = 0

        assert 1 == first + suppressed(store.store, RIVAL, event(1), event(2))
