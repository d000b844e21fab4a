"""Leads in memory, over those that the store in memory writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Standing


@dataclass
class MemoryLeads:
    """The `Leads` port over a dictionary."""

    leads: dict[LeadKey, LeadRecord]

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead and how it stands."""
        return self.leads.get(key)

    def of(self, subject: str) -> Iterator[LeadRecord]:
        """Yield the leads of a subject."""
        return iter([record for key, record in self.leads.items() if key.subject == subject])

    def newest(self, since: int = 0) -> Iterator[LeadKey]:
        """Yield the keys of the leads made at `since` or later, the newest first."""
        found = [one.lead for one in self.leads.values() if one.lead.created >= since]
        return iter([lead.key for lead in sorted(found, key=lambda one: (-one.created, one.key))])

    def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
        """Return those of the leads that exist, in the order of `keys`."""
        return [self.leads[key] for key in keys if key in self.leads]

    def change(self, key: LeadKey, before: Standing, after: Standing) -> None:
        """Write how a lead stands if it still stands as `before`; raises `Conflict` if it does not."""
        record = self.leads.get(key)
        if record is None or record.standing != before:
            raise Conflict("the lead no longer stands as it did")
        self.leads[key] = msgspec.structs.replace(record, standing=after)
