"""Accounts that become leads by silence, and a sweep that wakes them."""

from __future__ import annotations

from typing import Any

from fakes.events import DAY, START
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.lead import Lead
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.flows.wake import SETTLING, Waker

PLAN = plan_of(
    """
signals:
  reports: {count: Report Created, within: 2d}
  ever: {count: Report Created}
rules:
  quiet:
    when: {all: [{signal: ever, at_least: 1}, {signal: reports, less_than: 1}]}
    cooldown: 1d
    title: "{account} went quiet"
    reason: "{reports} of {ever}"
"""
)
# A report of the first day has left the window of two days.
QUIET = START + 2 * DAY
ACME = "a:acme"


def count(store: Any, *events: Event, plan: Plan = PLAN) -> Outcome:
    """Process events as one message."""
    counter = Counter(store, plan, 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=30 * DAY, pause=lambda _: None
    )
    return processor.process([("m", encode(list(events)))], "batch", START, lambda: 60.0)


def plenty() -> int:
    """Return a whole run's time."""
    return 60_000


def wake(store: Any, moment: int, plan: Plan = PLAN, **more: Any) -> Outcome:
    """Wake who is due at `moment`, as the first run after it has settled does."""
    return Waker(store, plan).run(moment + SETTLING, plenty, **more)


def stored_leads(store: MemoryStore) -> list[Lead]:
    """Return the leads by key."""
    return [record.lead for _, record in sorted(store.leads.items())]


def wakes(store: MemoryStore) -> dict[str, int | None]:
    """Return when whom to wake."""
    return {subject: row.wake for subject, row in store.accounts.items()}
