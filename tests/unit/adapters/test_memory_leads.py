"""Leads in memory are found by whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from fakes.leads import northwind
from pql.adapters.memory_leads import MemoryLeads
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord


class Looked(dict[LeadKey, LeadRecord]):
    """Leads that count how often one of them is looked at in passing."""

    looks = 0

    def __reversed__(self) -> Iterator[LeadKey]:
        for key in super().__reversed__():
            self.looks += 1
            yield key


def test_every_lead_is_looked_at_once_however_often_somebody_asks() -> None:
    """Each conversion asks for the leads of one subject, and there may be as many of either."""
    leads = Looked()
    port = MemoryLeads(leads)
    for cycle in range(1, 21):
        made = northwind(cycle=cycle, account_id=f"acme{cycle % 2}")
        leads[made.key] = LeadRecord(made)
        for subject in ("a:acme0", "a:acme1", "a:other"):
            found = [one.lead.key for one in port.of(subject)]

            assert [key for key in dict(leads) if key.subject == subject] == found
    assert len(leads) == leads.looks
