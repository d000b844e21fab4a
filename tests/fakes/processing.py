"""A processor over memory, and reports for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fakes.crashing_store import CrashingLeads, CrashingStore
from fakes.events import DAY, HOUR, START, event
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.event import Event
from pql.engine.state import unpack
from pql.flows.convert import Converter
from pql.flows.count import Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor

PLAN = plan_of(
    """
signals:
  reports: {count: Report Created}
  people: {distinct: users, of: any}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}
"""
)
PLENTY = 60.0


class World:
    """A processor over memory."""

    def __init__(self, store: Any = None, archive: Any = None, quarantine: Any = None) -> None:
        self.memory = store.store if isinstance(store, CrashingStore) else store or MemoryStore()
        self.archive = archive or MemoryArchive()
        self.quarantine = quarantine or MemoryQuarantine()
        self.batches = 0
        store = store or self.memory
        counter = Counter(store, PLAN, 45, lambda _: None)
        leads = CrashingLeads(store) if isinstance(store, CrashingStore) else MemoryLeads(self.memory.leads)
        self.processor = Processor(
            store,
            counter,
            self.archive,
            self.quarantine,
            horizon=7 * DAY,
            pause=lambda _: None,
            converter=Converter(leads, {"ordercompleted"}),
        )

    def run(self, *batch: Sequence[Event] | str, remaining: Callable[[], float] = lambda: PLENTY) -> Outcome:
        """Process one message for each list of events (or raw body), named by its position."""
        messages = [(str(i), one if isinstance(one, str) else encode(one)) for i, one in enumerate(batch)]
        name = f"batch {self.batches}"
        self.batches += 1
        return self.processor.process(messages, name, START, remaining)

    def reports(self, subject: str = "a:acme") -> object:
        """Return how many reports were counted."""
        row = self.memory.accounts.get(subject)
        return unpack(PLAN, subject, row.state).values[0] if row else 0


def reports(count: int, **more: Any) -> list[Event]:
    """Return reports of one account, an hour apart."""
    return [event(i, at=i * HOUR, **more) for i in range(count)]
