"""Leads in memory, over those that the store in memory writes."""

from __future__ import annotations

from collections.abc import Iterator
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

    def every(self) -> Iterator[LeadRecord]:
        """Yield every lead."""
        return iter([*self.leads.values()])

    def change(self, key: LeadKey, before: Standing, after: Standing) -> None:
        """Write how a lead stands if it still stands as `before`; raises `Conflict` if it does not."""
        record = self.leads.get(key)
        if record is None or record.standing != before:
            raise Conflict("the lead no longer stands as it did")
        self.leads[key] = msgspec.structs.replace(record, standing=after)
