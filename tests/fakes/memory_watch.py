"""What the watch needs, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.window import HOUR
from pql.flows.memo import Memo


@dataclass
class MemoryWatch:
    """The `Watched` and `Sightings` ports over dictionaries; `notes` counts the writes of the witness."""

    leads: dict[LeadKey, LeadRecord] = field(default_factory=dict)
    seen: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    held: bytes = b""
    notes: int = 0

    def note(self, hour: int, events: Collection[str]) -> None:
        """Note that these events arrived in this hour of the epoch."""
        for event in events:
            self.seen[event].add(hour)
        self.notes += 1

    def hours(self, first: int) -> Mapping[str, Collection[int]]:
        """Return the hours since `first` (epoch ms) in which each event arrived."""
        return {name: {one for one in hours if one * HOUR >= first} for name, hours in self.seen.items()}

    def made(self, first: int, last: int) -> Iterator[tuple[int, LeadKey]]:
        """Yield the leads made from `first` until before `last`, epoch ms."""
        for key, record in self.leads.items():
            if first <= record.lead.created < last:
                yield record.lead.created, key

    def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
        """Return those of the leads that exist."""
        return [self.leads[key] for key in keys if key in self.leads]

    def memo(self) -> Memo:
        """Return what is remembered."""
        return msgspec.json.decode(self.held, type=Memo) if self.held else Memo()

    def remember(self, memo: Memo) -> None:
        """Write it."""
        self.held = msgspec.json.encode(memo)
