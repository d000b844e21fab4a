"""Count events of one subject exactly once: read, look for repeats, fold, write on condition.

The order of the calls is the proof. The row is read after the members that led to it (P0, P1) and
before the seen buckets (P2); members are read again between the two (P1b), and if one changed the
events are placed again; ids leave `pend` only after they stand in a bucket (P4 before P5); the write is
conditional on the version that was read (P5); after a conflict or a lost answer everything is read
again and nothing is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pql.core.account import Row
from pql.core.dedup import Mark, mark_of, room_beside
from pql.core.errors import Conflict, LeadExists, Moved, NewerVersion, OutOfTime
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.engine.plan import Plan
from pql.flows.editions import Editions
from pql.flows.ports import Store
from pql.flows.revision import Revision, changed
from pql.flows.sight import Sight, Work, look, parts
from pql.flows.tries import TRIES, wait

# Below this nothing new is begun: a function killed at its timeout answers for nothing.
LEAST_SECONDS = 3.0
DAY_SECONDS = 86_400
# Names of the attributes, version, wake and the ledger without its ids; beside them each score.
ITEM_OVERHEAD = 72
SCORE_BYTES = 10
# Beyond this every write of an account costs 32 units and more.
LARGE = 32 * 1024


class Counted(NamedTuple):
    """What became of a work: new events counted, repeats, leads made, and conflicts on the way.

    `suppressed` are leads that `unless` or `suppress` held back, `large` writes of more than `LARGE` bytes.
    """

    new: int
    repeats: int
    leads: int
    conflicts: int
    suppressed: int = 0
    large: int = 0


NOTHING = Counted(0, 0, 0, 0)


class Counter:
    """Counts works against a store. `keep_ids` is how long ids are kept, in days."""

    def __init__(self, store: Store, plan: Plan, keep_ids: int, pause: Callable[[float], None]) -> None:
        self._store = store
        self.plan = plan
        self.editions = Editions(store, plan)
        self._keep_ids = keep_ids
        self._pause = pause

    def count(self, work: Work, sight: Sight, now: int, remaining: Callable[[], float]) -> Counted:
        """Count the work's new events, in their order, starting from what `sight` shows.

        `sight` must cover the first `COMMIT_LIMIT` events. A work that brings nothing new writes
        nothing. Raises `Moved` when somebody whose events these are belongs elsewhere by now,
        `Conflict` when other writers won five times, `OutOfTime` when fewer than `LEAST_SECONDS` remain,
        `NewerVersion`, `Unwritable` and `Unavailable`; what was committed before stays, and a repeat
        finds it.
        """
        total = NOTHING
        for part in parts(work):
            if total is not NOTHING:
                if remaining() < LEAST_SECONDS:
                    raise OutOfTime("no time left for the rest of an account")
                sight = look(self._store, [part])
            total = Counted(*map(sum, zip(total, self._count_part(part, sight, now), strict=True)))
        return total

    def _count_part(self, work: Work, sight: Sight, now: int) -> Counted:
        new = leads = conflicts = suppressed = large = 0
        standing: set[LeadKey] = set()
        while True:
            if not sight.changed.isdisjoint(work.basis):
                raise Moved("somebody belongs elsewhere by now")
            if any(sight.rows[one].newer for one in work.everywhere() if one in sight.rows):
                raise NewerVersion("a newer deployment wrote the row")
            fresh = self._fresh(work, sight)
            if not fresh:
                return Counted(new, len(work.events) - new, leads, conflicts, suppressed, large)
            try:
                made = self._commit(work, fresh, sight, standing, now)
                new += made.new
                leads += made.leads
                suppressed += made.suppressed
                large += made.large
                if made.new == len(fresh):
                    return Counted(new, len(work.events) - new, leads, conflicts, suppressed, large)
            except LeadExists as adopted:
                standing |= adopted.keys
                conflicts += 1
            except Conflict:
                conflicts += 1
                if conflicts >= TRIES:
                    raise
                self._pause(wait(conflicts))
            sight = look(self._store, [work])

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
        work: Work,
        fresh: Sequence[tuple[Mark, Event]],
        sight: Sight,
        standing: AbstractSet[LeadKey],
        now: int,
    ) -> Counted:
        """Count as many of the fresh events as one transaction can hold the leads of."""
        subject = work.subject
        row = sight.rows.get(subject) or Row(subject)
        self.editions.recall([row])
        revision = Revision(self.plan, row, standing)
        marks: list[Mark] = []
        for mark, event in fresh:
            if not revision.count(event):
                break
            marks.append(mark)
        state = revision.packed()
        scores = sum(len(slot.name) + SCORE_BYTES for slot in self.plan.of(subject).scores)
        size = len(state) + len(subject) + ITEM_OVERHEAD + scores
        room = room_beside(size, len(marks))
        ledger, filed = row.ledger.counting(marks, room, crowded=subject in sight.crowded)
        if filed:
            self._store.spill(subject, filed, now // 1000 + self._keep_ids * DAY_SECONDS)
        revision.commit(self._store, changed(self.plan, revision.account, row, state, ledger))
        return Counted(
            new=len(marks),
            repeats=0,
            leads=len(revision.leads),
            conflicts=0,
            suppressed=len(revision.account.suppressed),
            large=size > LARGE,
        )
