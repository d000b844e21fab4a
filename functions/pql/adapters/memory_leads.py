"""Leads in memory, over those that the store in memory writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import msgspec

from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life


@dataclass
class MemoryLeads:
    """The `Leads` port over a dictionary, from which nothing is taken away."""

    leads: dict[LeadKey, LeadRecord]
    _of: dict[str, list[LeadKey]] = field(default_factory=dict, init=False)
    _known: int = field(default=0, init=False)

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead and how it stands."""
        return self.leads.get(key)

    def of(self, subject: str) -> Iterator[LeadRecord]:
        """Yield the leads of a subject."""
        new = [*islice(reversed(self.leads), len(self.leads) - self._known)]
        for key in reversed(new):
            self._of.setdefault(key.subject, []).append(key)
        self._known = len(self.leads)
        return iter([self.leads[key] for key in self._of.get(subject, ())])

    def newest(self, since: int = 0) -> Iterator[LeadKey]:
        """Yield the keys of the leads made at `since` or later, the newest first."""
        found = [one.lead for one in self.leads.values() if one.lead.created >= since]
        return iter([lead.key for lead in sorted(found, key=lambda one: (-one.created, one.key))])

    def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
        """Return those of the leads that exist, in the order of `keys`."""
        return [self.leads[key] for key in keys if key in self.leads]

    def change(self, key: LeadKey, before: Life, after: Life) -> None:
        """Write how a lead stands if it still stands as `before`; raises `Conflict` if it does not."""
        record = self.leads.get(key)
        if record is None or record.standing != before:
            raise Conflict("the lead no longer stands as it did")
        self.leads[key] = msgspec.structs.replace(record, standing=after)
