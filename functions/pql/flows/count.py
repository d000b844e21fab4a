"""Count events of one subject exactly once: read, look for repeats, fold, write on condition.

The order of the calls is the proof. The row is read before the seen buckets (P1, P2); ids leave
`pend` only after they stand in a bucket (P4 before P5); the write is conditional on the version that
was read (P5); after a conflict or a lost answer everything is read again and nothing is assumed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import msgspec

from pql.core.account import Change, Row
from pql.core.dedup import Mark, mark_of, room_beside
from pql.core.errors import Conflict, LeadExists
from pql.core.event import Event
from pql.core.keys import LeadKey, anonymous_key, user_key
from pql.core.lead import Lead
from pql.engine.evidence import lead_of
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step
from pql.flows.ports import Store

TRIES = 5
# Ids of one commit stay below 14 KB of an item that may have 400.
COMMIT_LIMIT = 1_000
DAY_SECONDS = 86_400
# Names of the attributes, version, scores and the ledger without its ids.
ITEM_OVERHEAD = 150


class Work(NamedTuple):
    """Events to count under one subject, and where else copies of each may have been counted."""

    subject: str
    events: Sequence[Event]
    elsewhere: Mapping[str, Sequence[str]]

    def subjects(self, event: Event) -> Sequence[str]:
        """Return the subjects under which a copy of `event` may have been counted."""
        others = self.elsewhere.get(event.id)
        return (self.subject, *others) if others else (self.subject,)


class Counted(NamedTuple):
    """What became of a work: new events counted, repeats, leads made, and conflicts on the way."""

    new: int
    repeats: int
    leads: int
    conflicts: int


class Sight(NamedTuple):
    """What was read for some works: rows and the ids pending in them (P1), then seen buckets (P2)."""

    rows: Mapping[str, Row]
    pending: Mapping[str, AbstractSet[bytes]]
    seen: Mapping[tuple[str, str], Collection[bytes]]

    def has(self, mark: Mark, subject: str) -> bool:
        """Return whether the mark's event was counted under `subject`."""
        if mark.id in self.pending.get(subject, ()):
            return True
        row = self.rows.get(subject)
        if row is None or not row.ledger.has_filed:
            return False
        return any(mark.id in self.seen.get((subject, one), ()) for one in mark.buckets(row.ledger.grain))


class Counter:
    """Counts works against a store. `keep_ids` is how long ids are kept, in days."""

    def __init__(self, store: Store, plan: Plan, keep_ids: int, pause: Callable[[float], None]) -> None:
        self._store = store
        self._plan = plan
        self._keep_ids = keep_ids
        self._pause = pause

    def look(self, works: Sequence[Work]) -> Sight:
        """Read what counting `works` needs, in as few calls as there are kinds of items."""
        subjects = {work.subject for work in works}
        subjects.update(other for work in works for others in work.elsewhere.values() for other in others)
        rows = self._store.rows(subjects)
        pending = {subject: row.ledger.pending() for subject, row in rows.items()}
        buckets = {
            (subject, bucket)
            for work in works
            for event in work.events
            for subject in work.subjects(event)
            if (row := rows.get(subject)) is not None and row.ledger.has_filed
            for mark in (mark_of(event),)
            if mark.id not in pending[subject]
            for bucket in mark.buckets(row.ledger.grain)
        }
        return Sight(rows, pending, self._store.seen(buckets) if buckets else {})

    def count(self, work: Work, sight: Sight, now: int) -> Counted:
        """Count the work's new events, in their order, starting from what `sight` shows.

        A work that brings nothing new writes nothing. Raises `Conflict` when other writers won five
        times, and `Unavailable`; what was committed before stays, and a repeat finds it.
        """
        new = repeats = leads = conflicts = 0
        standing: set[LeadKey] = set()
        while True:
            fresh = self._fresh(work, sight)
            chunk = fresh[:COMMIT_LIMIT]
            if not chunk:
                repeats = len(work.events) - new
                return Counted(new, repeats, leads, conflicts)
            try:
                leads += self._commit(work.subject, chunk, sight, standing, now)
                new += len(chunk)
                if len(chunk) == len(fresh):
                    return Counted(new, len(work.events) - new, leads, conflicts)
            except LeadExists as adopted:
                standing |= adopted.keys
                conflicts += 1
            except Conflict:
                conflicts += 1
                if conflicts >= TRIES:
                    raise
                self._pause(0.02 * 2**conflicts)
            sight = self.look([work])

    @staticmethod
    def _fresh(work: Work, sight: Sight) -> list[tuple[Mark, Event]]:
        """Return the events not counted yet, each id once."""
        found: dict[bytes, tuple[Mark, Event]] = {}
        for event in work.events:
            mark = mark_of(event)
            if mark.id not in found and not any(sight.has(mark, one) for one in work.subjects(event)):
                found[mark.id] = (mark, event)
        return list(found.values())

    def _commit(
        self,
        subject: str,
        chunk: Sequence[tuple[Mark, Event]],
        sight: Sight,
        standing: set[LeadKey],
        now: int,
    ) -> int:
        row = sight.rows.get(subject) or Row(subject)
        account = unpack(self._plan, subject, row.state)
        leads: list[Lead] = []
        for _, event in chunk:
            for fired in step(self._plan, account, event):
                lead = lead_of(self._plan, account, fired)
                if lead.key not in standing:
                    leads.append(lead)
        state = pack(self._plan, account)
        room = room_beside(len(state) + len(subject) + ITEM_OVERHEAD)
        ledger, filed = row.ledger.counting([mark for mark, _ in chunk], room)
        if filed:
            self._store.spill(subject, filed, now // 1000 + self._keep_ids * DAY_SECONDS)
        scores = {slot.name: account.score(slot.place) for slot in self._plan.scores}
        change = Change(
            row=row,
            state=state,
            ledger=ledger,
            scores={name: score for name, score in scores.items() if score},
            touched=account.clock,
        )
        self._store.commit(change, [self._named(lead) for lead in leads])
        return len(leads)

    def _named(self, lead: Lead) -> Lead:
        """Return the lead with the names of its people, as far as identify calls have told them."""
        keys = {key(person.id): person.id for person in lead.people for key in (anonymous_key, user_key)}
        members = {keys[key]: member for key, member in self._store.members(list(keys)).items()}
        people = [
            msgspec.structs.replace(person, name=members[person.id].name, email=members[person.id].email)
            if person.id in members
            else person
            for person in lead.people
        ]
        return msgspec.structs.replace(lead, people=people)


def works(placed: Iterable[tuple[str, Event, Sequence[str]]]) -> list[Work]:
    """Return one work for each subject, from (subject, event, other subjects) in arrival order."""
    events: dict[str, list[Event]] = defaultdict(list)
    elsewhere: dict[str, dict[str, Sequence[str]]] = defaultdict(dict)
    for subject, event, others in placed:
        events[subject].append(event)
        if others:
            elsewhere[subject][event.id] = others
    return [Work(subject, found, elsewhere[subject]) for subject, found in events.items()]
