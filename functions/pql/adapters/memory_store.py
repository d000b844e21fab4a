"""The store in memory: the reference that every other store must agree with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from pql.core.account import Change, Row
from pql.core.errors import Conflict, LeadExists
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.member import Member


@dataclass
class MemoryStore:
    """The `Store` port over dictionaries; `writes` counts what a table would have been charged for."""

    accounts: dict[str, Row] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    buckets: dict[tuple[str, str], set[bytes]] = field(default_factory=dict)
    people: dict[str, Member] = field(default_factory=dict)
    leads: dict[LeadKey, LeadRecord] = field(default_factory=dict)
    writes: int = 0

    def members(self, keys: Collection[str]) -> dict[str, Member]:
        """Return the members that exist, by key."""
        return {key: self.people[key] for key in keys if key in self.people}

    def teach(self, key: str, member: Member) -> None:
        """Write what was learned about `key`; raises `Conflict` if it changed since it was read."""
        held = self.people.get(key)
        if (held.version if held else 0) != member.version:
            raise Conflict(f"member is no longer at version {member.version}")
        self.people[key] = msgspec.structs.replace(member, version=member.version + 1)
        self.writes += 1

    def rows(self, subjects: Collection[str]) -> dict[str, Row]:
        """Return the account rows that exist, by subject."""
        return {subject: self.accounts[subject] for subject in subjects if subject in self.accounts}

    def seen(self, buckets: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Collection[bytes]]:
        """Return the ids in each (subject, bucket) that exists."""
        return {place: frozenset(self.buckets[place]) for place in buckets if place in self.buckets}

    def spill(self, subject: str, buckets: Mapping[str, Collection[bytes]], expires: int) -> None:  # noqa: ARG002 - memory keeps everything
        """Add ids to the subject's buckets."""
        for bucket, ids in buckets.items():
            self.buckets.setdefault((subject, bucket), set()).update(ids)
            self.writes += 1

    def commit(self, change: Change, leads: Sequence[Lead]) -> None:
        """Write the row and the leads, or nothing."""
        subject = change.row.subject
        held = self.accounts.get(subject)
        if (held.version if held else 0) != change.row.version:
            raise Conflict(f"account is no longer at version {change.row.version}")
        standing = frozenset(lead.key for lead in leads if lead.key in self.leads)
        if standing:
            raise LeadExists(standing)
        self.accounts[subject] = Row(subject, change.row.version + 1, change.state, change.ledger)
        self.changes[subject] = change
        self.leads.update({lead.key: LeadRecord(lead) for lead in leads})
        self.writes += 1 + len(leads)
