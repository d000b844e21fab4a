"""A table and an archive in memory that events are counted into."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count
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
    """The archive in memory, as something to list and to read: a batch is an object.

    Before the listings and objects whose numbers are in `compacting`, all there are become a merged one.
    """

    def __init__(self, archive: MemoryArchive, compacting: Collection[int] = ()) -> None:
        self._archive = archive
        self._compacting = compacting
        self._calls = count()
        self._merged: dict[str, list[str]] = {}  # batches by key, which is also the order
        self._gone: set[str] = set()

    def stored(self) -> Iterator[Stored]:
        """Yield the objects there are."""
        self._compact()
        yield from self._held()

    def read(self, stored: Sequence[Stored]) -> Iterator[tuple[Stored, Sequence[Line] | None]]:
        """Yield the lines of objects."""
        for one in stored:
            self._compact()
            names = self._merged.get(one.key, [one.key])
            lines = [Line(*line) for name in names for line in self._archive.batches[name]]
            yield one, None if one.key in self._gone else lines

    def _compact(self) -> None:
        if next(self._calls) not in self._compacting or not (held := [*self._held()]):
            return
        # A name that says what went into it, as `Compaction` gives them.
        orders = [one.order.removesuffix(".jsonl.gz").partition("_")[0] for one in held]
        key = f"{min(orders)}_{max(orders)[:13]}-0-t{len(self._merged)}-0.jsonl.gz"
        self._gone |= {one.key for one in held}
        self._merged[key] = [*self._archive.batches]

    def _held(self) -> Iterator[Stored]:
        counted = 0
        for place, (name, lines) in enumerate(self._archive.batches.items()):
            counted = max([counted, *(event.received for _, event in lines)])
            if name not in self._gone:
                yield Stored(name, "", f"{counted:013}-{place:06}.jsonl.gz")
        for key in self._merged.keys() - self._gone:
            yield Stored(key, "", key)


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
