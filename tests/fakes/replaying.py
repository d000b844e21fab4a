"""Archives to replay from, and what counts them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakes.events import DAY, START
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.process import Processor
from pql.flows.replay import Delivery, Nowhere, Replay

PLAN = plan_of()
NOW = START + 20 * DAY


class Days:
    """The archive in memory, as something to read: a batch is a delivery."""

    def __init__(self, archive: MemoryArchive) -> None:
        self._archive = archive

    def deliveries(self, first: str, last: str) -> Iterator[Delivery]:
        """Yield the batches in the order in which they were counted."""
        for name, lines in self._archive.batches.items():
            yield Delivery(name, [event for _, event in lines])


class Parts:
    """Objects of an archive, by the names under which they lie."""

    def __init__(self, held: dict[str, list[Event]]) -> None:
        self._held = held

    def deliveries(self, first: str, last: str) -> Iterator[Delivery]:
        """Yield them in order."""
        for name, events in self._held.items():
            yield Delivery(name, events)


def processor(store: Any, plan: Plan = PLAN, archive: Any = None) -> Processor:
    """Return what counts into a store."""
    counter = Counter(store, plan, 45, lambda _: None)
    return Processor(
        store,
        counter,
        archive or Nowhere(),
        MemoryQuarantine(),
        horizon=7 * DAY,
        pause=lambda _: None,
    )


def replay(store: Any, plan: Plan = PLAN, archive: Any = None, now: int = NOW) -> Replay:
    """Return a replay into a store."""
    return Replay(processor(store, plan, archive), now, lambda _: None)


def counted(store: MemoryStore) -> dict[str, tuple[Any, ...]]:
    """Return what stands in the rows, but for the traces of who wrote them and when to look again."""
    return {
        subject: (row.state, row.moved, None if row.moved else store.changes[subject].scores)
        for subject, row in store.accounts.items()
        if row.state or row.moved
    }
