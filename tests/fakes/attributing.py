"""Events of people whose account is not known yet, and where they are counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from fakes.events import DAY, START, event
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.count import Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor

PLAN = plan_of(
    """
signals: {reports: {count: Report Created}}
rules: {busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}}
"""
)
MINUTE = 60_000


def run(store: Any, *events: Event) -> Outcome:
    """Process events as one message."""
    return processed(store, PLAN, *events)


def processed(store: Any, plan: Plan, *events: Event) -> Outcome:
    """Process events as one message by these rules."""
    counter = Counter(store, plan, 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=7 * DAY, pause=lambda _: None
    )
    return processor.process([("m", _encoded(events))], "batch", START, lambda: 60.0)


def _encoded(events: Sequence[Event]) -> str:
    return msgspec.json.encode({"v": 1, "events": events}).decode()


def reports(store: MemoryStore) -> dict[str, int]:
    """Return how many reports were counted under each subject that has any."""
    held = {key: unpack(PLAN, key, row.state).values[0] for key, row in store.accounts.items()}
    return {key: value for key, value in held.items() if isinstance(value, int) and value}


def loose(key: object, at: int = 0, user: str | None = "ada", anonymous: str | None = None) -> Event:
    """Return a report that names no account."""
    return event(key, at=at, account=None, user=user, anonymous=anonymous)
