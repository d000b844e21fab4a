"""Look at what counting needs: rows first, then the seen buckets of what is not pending in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NamedTuple

from pql.core.account import Row
from pql.core.dedup import BUCKET_LIMIT, Mark, grain_of, mark_of
from pql.core.event import Event
from pql.core.member import version_of
from pql.flows.ports import Store

# Ids of one commit stay below 14 KB of an item that may have 400.
COMMIT_LIMIT = 1_000


class Placed(NamedTuple):
    """An event, the subject it is counted under, and where copies of it may have been counted.

    `basis` are the versions of the members by whom that was decided: none if it names its account.
    """

    event: Event
    subject: str
    elsewhere: Sequence[str] = ()
    basis: Mapping[str, int] = MappingProxyType({})


class Work(NamedTuple):
    """Events to count under one subject, and where else copies of each may have been counted.

    `basis` are the versions of the members by whom it was decided that they belong here.
    """

    subject: str
    events: list[Event]
    elsewhere: dict[str, Sequence[str]]
    basis: dict[str, int]

    def subjects(self, event: Event) -> Sequence[str]:
        """Return the subjects under which a copy of `event` may have been counted."""
        others = self.elsewhere.get(event.id)
        return (self.subject, *others) if others else (self.subject,)

    def everywhere(self) -> set[str]:
        """Return every subject that is looked at."""
        return {self.subject, *(other for others in self.elsewhere.values() for other in others)}


class Sight(NamedTuple):
    """What was read for some works: rows and the ids pending in them (P1), then seen buckets (P2).

    `crowded` are the subjects of which a bucket of the present grain is full, `changed` the members
    that were no longer what some work was decided by when the rows had been read.
    """

    rows: Mapping[str, Row]
    pending: Mapping[str, AbstractSet[bytes]]
    seen: Mapping[tuple[str, str], Collection[bytes]]
    crowded: AbstractSet[str]
    changed: AbstractSet[str] = frozenset()

    def has(self, mark: Mark, subject: str) -> bool:
        """Return whether the mark's event was counted under `subject`."""
        if mark.id in self.pending.get(subject, ()):
            return True
        row = self.rows.get(subject)
        if row is None or not row.ledger.filed:
            return False
        return any(mark.id in self.seen.get((subject, one), ()) for one in mark.buckets(row.ledger.grain))


def look(store: Store, works: Sequence[Work]) -> Sight:
    """Read what counting `works` needs, in as few calls as there are kinds of items.

    Members are read once more after the rows, and only those by whom an event without an account was
    placed: whoever moves somebody raises the version of the row that is left in the same transaction,
    so what is counted under a row as it was before the members were found unchanged cannot be
    committed after the move.
    """
    rows = store.rows({subject for work in works for subject in work.everywhere()})
    basis = {key: version for work in works for key, version in work.basis.items()}
    members = store.members(basis) if basis else {}
    changed = {key for key, version in basis.items() if version_of(key, members) != version}
    pending = {subject: row.ledger.pending() for subject, row in rows.items()}
    buckets = {
        (subject, bucket)
        for work in works
        for event in work.events
        for subject in work.subjects(event)
        if (row := rows.get(subject)) is not None and row.ledger.filed
        for mark in (mark_of(event),)
        if mark.id not in pending[subject]
        for bucket in mark.buckets(row.ledger.grain)
    }
    seen = store.seen(buckets) if buckets else {}
    crowded = {
        subject
        for (subject, bucket), ids in seen.items()
        if len(ids) > BUCKET_LIMIT and grain_of(bucket) == rows[subject].ledger.grain
    }
    return Sight(rows, pending, seen, crowded, changed)


def parts(work: Work) -> Iterator[Work]:
    """Yield the work in parts that one commit can take."""
    for start in range(0, len(work.events), COMMIT_LIMIT):
        yield work._replace(events=work.events[start : start + COMMIT_LIMIT])


def works(placed: Iterable[Placed]) -> list[Work]:
    """Return one work for each subject, with its events in the order of arrival."""
    found: dict[str, Work] = {}
    for one in placed:
        work = found.get(one.subject)
        if work is None:
            work = found[one.subject] = Work(one.subject, [], {}, {})
        work.events.append(one.event)
        if one.elsewhere:
            work.elsewhere[one.event.id] = one.elsewhere
        work.basis.update(one.basis)
    return list(found.values())
