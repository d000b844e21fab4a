"""Everything a store in memory holds, for whoever erases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from pql.adapters.memory_store import MemoryStore
from pql.core.account import Row
from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.member import Member, Members
from pql.flows.holdings import Held


@dataclass
class MemoryHoldings:
    """The `Holdings` port on a store."""

    store: MemoryStore

    def everything(self) -> Iterator[Held]:
        """Yield every item."""
        store = self.store
        yield from [
            Held("member", key, one, ("member", key) in store.ends) for key, one in store.people.items()
        ]
        yield from [Held("row", key, row, ("row", key) in store.ends) for key, row in store.accounts.items()]
        yield from [Held("seen", subject, ends=True) for subject, _ in store.buckets]
        yield from [Held("lead", key.subject, record) for key, record in store.leads.items()]
        folded = [(into, one) for into, origins in store.folded.items() for one in origins]
        yield from [Held("origin", into, origin=one) for into, one in folded]

    def members(self, keys: Sequence[str]) -> Members:
        """Return the members that exist, by key."""
        return self.store.members(keys)

    def row(self, subject: str) -> Row | None:
        """Return a row as it is now."""
        return self.store.accounts.get(subject)

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead as it is now."""
        return self.store.leads.get(key)

    def put_member(self, key: str, member: Member, left: str | None, expires: int | None) -> None:
        """Write a whole member and raise the version of the row that is left, as one."""
        held = self.store.people.get(key)
        if (held.version if held else 0) != member.version:
            raise Conflict(f"member is no longer at version {member.version}")
        self.store.people[key] = msgspec.structs.replace(member, version=member.version + 1)
        if left is not None:
            row = self.store.accounts.get(left, Row(left))
            self.store.accounts[left] = msgspec.structs.replace(row, version=row.version + 1)
        self.store.ends.pop(("member", key), None)
        if expires is not None:
            self.store.ends["member", key] = expires

    def blank(self, row: Row, expires: int) -> None:
        """Leave nothing of a row but its ids, until `expires`."""
        self._write(row, Row(row.subject, row.version + 1, b"", row.ledger))
        self.store.ends["row", row.subject] = expires

    def part(self, row: Row) -> None:
        """Let a row be part of no other any more."""
        self._write(row, msgspec.structs.replace(row, version=row.version + 1, moved=None))

    def rewrite(self, row: Row, state: bytes) -> None:
        """Write a row's state."""
        self._write(row, msgspec.structs.replace(row, version=row.version + 1, state=state))

    def delete_origin(self, subject: str, origin: str) -> None:
        """Forget that somebody's leads are also those of this subject; a repeat changes nothing."""
        self.store.folded.get(subject, set()).discard(origin)

    def delete_lead(self, key: LeadKey) -> None:
        """Delete a lead; one that is not there is no fault."""
        self.store.leads.pop(key, None)

    def rewrite_lead(self, key: LeadKey, change: Callable[[Lead], Lead]) -> None:
        """Write what `change` makes of a lead."""
        record = self.store.leads.get(key)
        if record is not None:
            self.store.leads[key] = msgspec.structs.replace(record, lead=change(record.lead))

    def rewrite_reason(self, key: LeadKey, before: str, after: str) -> None:
        """Write anew for what reason a lead was dismissed."""
        record = self.store.leads.get(key)
        if record is None or record.standing.reason != before:
            raise Conflict("the reason has changed")
        standing = msgspec.structs.replace(record.standing, reason=after)
        self.store.leads[key] = msgspec.structs.replace(record, standing=standing)

    def _write(self, before: Row, after: Row) -> None:
        if self.store.accounts[before.subject].version != before.version:
            raise Conflict(f"account is no longer at version {before.version}")
        self.store.accounts[before.subject] = after
