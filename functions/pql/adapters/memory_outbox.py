"""The outbox in memory, over the same leads that the store in memory writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from pql.core.errors import Poison
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.flows.ports import Claim


@dataclass
class MemoryOutbox:
    """Outbox over `leads`; `leases` say until when (lead, channel) is being delivered."""

    leads: dict[LeadKey, LeadRecord]
    leases: dict[tuple[LeadKey, str], int] = field(default_factory=dict)

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead with the state of its announcement."""
        return self.leads.get(key)

    def mark_published(self, key: LeadKey, at: int) -> None:
        """Record that SNS took the lead at `at`; a repeat changes nothing."""
        record = self.leads.get(key)
        if record is not None and record.published is None:
            self.leads[key] = msgspec.structs.replace(record, published=at)

    def claim(self, key: LeadKey, channel: str, now: int, until: int) -> Claim:
        """Lease the delivery to `channel` until `until`."""
        if key not in self.leads:
            raise Poison("no such lead")
        if channel in self.leads[key].sent:
            return "sent"
        before = self.leases.get((key, channel))
        if before is not None and before > now:
            return "leased"
        self.leases[key, channel] = until
        return "won" if before is None else "doubt"

    def mark_sent(self, key: LeadKey, channel: str, at: int) -> None:
        """Record that `channel` took the lead at `at`, and end the lease."""
        record = self.leads[key]
        self.leads[key] = msgspec.structs.replace(record, sent={**record.sent, channel: at})
        self.leases.pop((key, channel), None)

    def release(self, key: LeadKey, channel: str, until: int) -> None:
        """End the lease that runs until `until`; anybody else's stays."""
        if self.leases.get((key, channel)) == until:
            del self.leases[key, channel]

    def unsure(self, key: LeadKey, channel: str, until: int) -> None:
        """End the lease that runs until `until`, and leave one that has run out."""
        if self.leases.get((key, channel)) == until:
            self.leases[key, channel] = 0

    def unpublished(self, before: int) -> Iterator[LeadKey]:
        """Return the leads created before `before` that SNS does not have, oldest first."""
        waiting = [
            (record.lead.created, key)
            for key, record in self.leads.items()
            if record.published is None and record.lead.status == "live" and record.lead.created < before
        ]
        return iter([key for _, key in sorted(waiting)])
