"""A table and an archive in memory that events are counted into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fakes.events import DAY, START
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.archived import Line
from pql.core.envelope import encode
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.process import Processor
from pql.flows.replay import Stored

NOW = START + 20 * DAY


class Objects:
    """The archive in memory, as something to list and to read: a batch is an object."""

    def __init__(self, archive: MemoryArchive) -> None:
        self._archive = archive

    def stored(self) -> Iterator[Stored]:
        """Yield the batches."""
        for place, name in enumerate(self._archive.batches):
            yield Stored(name, "", f"{place:06}")

    def read(self, stored: Sequence[Stored]) -> Iterator[tuple[Stored, Sequence[Line]]]:
        """Yield the lines of batches."""
        for one in stored:
            yield one, [Line(*line) for line in self._archive.batches[one.key]]


class Town:
    """A table and an archive that events are counted into, a batch at a time."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.archive = MemoryArchive()
        self.batch = 0

    def count(self, plan: Plan, events: Sequence[Event], *, archive: Any = None) -> None:
        """Count a batch by a plan, and archive it unless told otherwise."""
        if not events:
            return
        self.batch += 1
        processor = Processor(
            self.store,
            Counter(self.store, plan, 45, lambda _: None),
            archive or self.archive,
            MemoryQuarantine(),
            horizon=7 * DAY,
            pause=lambda _: None,
        )
        found = processor.process([("m", encode(events))], f"b{self.batch:05}", NOW, lambda: 60.0)
        assert [] == found.faults
