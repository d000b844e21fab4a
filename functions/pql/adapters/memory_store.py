"""The store in memory: the reference that every other store must agree with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from pql.core.account import ORIGINS, TRANSACTION, Change, Move, Row, wake_shard
from pql.core.edition import Edition
from pql.core.errors import Conflict, LeadExists, Unwritable
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.member import Member


@dataclass
class MemoryStore:
    """The `Store` port over dictionaries; `writes` counts what a table would have been charged for.

    `ends` are the epoch seconds at which rows and members end that somebody has erased, by (kind, key).
    """

    accounts: dict[str, Row] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    buckets: dict[tuple[str, str], set[bytes]] = field(default_factory=dict)
    people: dict[str, Member] = field(default_factory=dict)
    leads: dict[LeadKey, LeadRecord] = field(default_factory=dict)
    folded: dict[str, set[str]] = field(default_factory=dict)
    declared: dict[int, Edition] = field(default_factory=dict)
    ends: dict[tuple[str, str], int] = field(default_factory=dict)
    writes: int = 0

    def members(self, keys: Collection[str]) -> dict[str, Member]:
        """Return the members that exist, by key."""
        return {key: self.people[key] for key in keys if key in self.people}

    def teach(self, key: str, member: Member) -> None:
        """Write what was learned about `key`; raises `Conflict` if it changed since it was read."""
        if self._member_version(key) != member.version:
            raise Conflict(f"member is no longer at version {member.version}")
        self._learn(key, member)
        self.writes += 1

    def move(self, move: Move, leads: Sequence[Lead]) -> None:
        """Write the member, the rows it moves between and the leads, or nothing."""
        members = {move.key: move.member.version, **move.basis}
        for key, version in members.items():
            if self._member_version(key) != version:
                raise Conflict(f"member is no longer at version {version}")
        folds = [one.fold for one in move.leaves if one.fold]
        into = [fold.change for fold in folds if fold.change]
        self._fits([*members, *move.leaves, *into, *(one for one in folds if one.has_leads)], leads)
        self._check([*(fold.row for fold in folds), *(change.row for change in into)], leads)
        for leave in move.leaves:
            left = self.accounts.get(leave.left, Row(leave.left))
            self.accounts[leave.left] = (
                Row(left.subject, left.version + 1, b"", left.ledger, moved=leave.fold.into)
                if leave.fold
                else msgspec.structs.replace(left, version=left.version + 1)
            )
        for change in into:
            self._write(change)
        origins = [fold for fold in folds if fold.has_leads]
        for fold in origins:
            self.folded.setdefault(fold.into, set()).add(fold.row.subject)
        self._learn(move.key, move.member)
        self.leads.update({lead.key: LeadRecord(lead) for lead in leads})
        self.writes += 1 + len(move.leaves) + len(into) + len(origins) + len(leads)

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
        self._fits([change], leads)
        self._check([change.row], leads)
        self._write(change)
        self.leads.update({lead.key: LeadRecord(lead) for lead in leads})
        self.writes += 1 + len(leads)

    def waking(self, until: int, shard: int) -> Iterator[tuple[int, str]]:
        """Return (wake, subject) of the accounts in a shard that are due at `until`, oldest first."""
        waiting = [
            (row.wake, subject)
            for subject, row in self.accounts.items()
            if row.wake is not None and row.wake <= until and wake_shard(subject) == shard
        ]
        return iter(sorted(waiting))

    def origins(self, subject: str) -> list[str]:
        """Return the subjects with leads whose rows were folded into this one's."""
        return sorted(self.folded.get(subject, ()))[:ORIGINS]

    def editions(self, ids: Collection[int]) -> dict[int, Edition]:
        """Return the editions of the rules that have been declared, by id."""
        return {one: self.declared[one] for one in ids if one in self.declared}

    def declare(self, edition: Edition) -> None:
        """Write an edition of the rules."""
        self.declared[edition.id] = edition

    def postpone(self, row: Row, wake: int | None) -> None:
        """Write when the account is to be woken, and nothing else."""
        self._check([row], [])
        held = self.accounts[row.subject]
        self.accounts[row.subject] = msgspec.structs.replace(held, version=row.version + 1, wake=wake)
        self.writes += 1

    def _member_version(self, key: str) -> int:
        return self.people[key].version if key in self.people else 0

    def _learn(self, key: str, member: Member) -> None:
        self.people[key] = msgspec.structs.replace(member, version=member.version + 1)
        self.ends.pop(("member", key), None)

    @staticmethod
    def _fits(writes: Sequence[object], leads: Sequence[Lead]) -> None:
        if len(writes) + len(leads) > TRANSACTION:
            raise Unwritable(f"a transaction takes {TRANSACTION} items")

    def _check(self, rows: Sequence[Row], leads: Sequence[Lead]) -> None:
        for row in rows:
            held = self.accounts.get(row.subject)
            if (held.version if held else 0) != row.version:
                raise Conflict(f"account is no longer at version {row.version}")
        standing = frozenset(lead.key for lead in leads if lead.key in self.leads)
        if standing:
            raise LeadExists(standing)

    def _write(self, change: Change) -> None:
        row = change.row
        self.accounts[row.subject] = Row(
            row.subject, row.version + 1, change.state, change.ledger, moved=row.moved, wake=change.wake
        )
        self.changes[row.subject] = change
        self.ends.pop(("row", row.subject), None)
