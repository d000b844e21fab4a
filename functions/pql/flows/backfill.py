"""Backfill: give signals and rules that are new on a live deployment the past that the archive holds.

What an event counts for is in the archive, under the subject it was counted under, and nothing is archived
that is not counted (`docs/decisions/archive-after-the-commit.md`). So a row that is read after the archive
has counted at least that; it has counted exactly that if every id which it says was counted is in the
archive. Then the signals' aggregates are put in the place of what the row holds, on condition that nobody
else has written it since before it was looked up who is folded into it. They are put there whole and not
added: a repeat changes nothing, so this may be stopped anywhere. A row that is ahead of the archive is looked
at again once the archive has caught up.

Nobody is told: rules that hold by what is past stand as behind their baseline.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

import msgspec

from pql.backtest.past.hindsight import Chosen, chosen, follow, recall
from pql.backtest.past.history import Past
from pql.core.account import Row
from pql.core.dedup import KEEP_DAYS, Ledger, Mark
from pql.core.errors import Conflict, LeadExists, NewerVersion, Unreadable, Unwritable
from pql.core.keys import LeadKey, is_person
from pql.core.window import DAY
from pql.engine.introduction import Newcomers
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.flows.editions import Editions
from pql.flows.past import ROUNDS, ArchivedPast, Backfilled, Lines, Settings
from pql.flows.ports import Accounts, Store
from pql.flows.revision import Revision
from pql.flows.tries import TRIES

# Rows that are in memory at once.
TOGETHER = 5_000


class Seen(Protocol):
    """Everything that was counted under a subject and is no longer pending in its row."""

    def all_of(self, subject: str) -> set[bytes]:
        """Return the ids in all its seen buckets, strongly consistent; raises `Unavailable`."""


class _Ahead(Exception):
    """The row has counted what the archive does not hold yet, or holds elsewhere."""

    def __init__(self, missing: Iterable[bytes], excess: Iterable[bytes]) -> None:
        super().__init__()
        self.missing = frozenset(missing)
        self.excess = frozenset(excess)


class Backfill:
    """Backfills by a plan, the deployed one. `told` hears how many of how many objects or rows are done."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        seen: Seen,
        lines: Lines,
        plan: Plan,
        settings: Settings,
        told: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._seen = seen
        self._plan = plan
        self._set = settings
        self._told = told
        self._editions = Editions(store, plan)
        self._what: dict[bool, Chosen] = {
            person: chosen(plan.of("p:" if person else "a:"), settings.rules, settings.signals)
            for person in (False, True)
        }
        places = self._what[False].places, self._what[True].places
        self._past = ArchivedPast(lines, plan, places, settings, told)
        self._listed: set[str] = set()
        self._moved: dict[str, str] = {}
        self._into: Mapping[str, str] = {}
        self._folded: Mapping[str, Sequence[str]] = {}

    def run(self) -> Backfilled:
        """Backfill all rows there are; raises `Unavailable`, `Poison` and `NewerVersion`.

        Who could not be matched with the archive after a few looks at it, and whose row is damaged or grows
        beyond what the table takes, is told in `left`.
        """
        found = Backfilled()
        if self._set.write:
            self._editions.declare()
        self._past.gather(found)
        ahead = self._rows(self._list(), found)
        for _ in range(ROUNDS):
            wanted = self._again(ahead)
            relinked = self._catch_up(wanted, found)
            if not wanted and not relinked:
                break
            ahead = self._rows(self._versions(wanted | relinked), found)
        found.left |= {
            subject: f"{len(one.missing)} events are counted and not in the archive"
            if one.missing
            else "others wrote it again and again"
            for subject, one in ahead.items()
        }
        found.first = self._past.history.first
        return found

    def _catch_up(self, wanted: AbstractSet[str], found: Backfilled) -> set[str]:
        """Read what the archive holds by now; return who has become whom since.

        Where something was archived under another subject than it was counted under, everything is
        read anew.
        """
        before = dict(self._past.history.moved)
        if any(self._past.corrections.get(one) for subject in wanted for one in self._pasts_of(subject)):
            self._past.begin_again(found)
        self._past.gather(found)
        return {into for one, into in self._past.history.moved.items() if before.get(one) != into}

    def _again(self, ahead: Mapping[str, _Ahead]) -> set[str]:
        """Note what was archived elsewhere than it was counted, and return who is to be looked at again."""
        homeless: dict[bytes, str] = {}
        for subject, one in ahead.items():
            for past in self._pasts_of(subject):
                ids = self._past.history.pasts[past].known() if past in self._past.history.pasts else set()
                for identity in one.excess & ids:
                    self._past.corrections[past].setdefault(identity, None)
        for archived, corrected in self._past.corrections.items():
            homeless |= {identity: archived for identity, place in corrected.items() if place is None}
        for subject, one in ahead.items():
            for identity in one.missing & homeless.keys():
                self._past.corrections[homeless[identity]][identity] = subject
        return set(ahead)

    # ── the table ──────────────────────────────────────────────────────────────────────────────

    def _list(self) -> dict[str, int]:
        """Return every subject that has a row, with its version, and the people that should have one."""
        versions: dict[str, int] = {}
        after = None
        while True:
            page = self._accounts.page(after)
            versions.update((row.subject, row.version) for row in page.rows)
            self._told("rows", len(versions), 0)
            after = page.after
            if after is None:
                break
        people = sorted(one for one in self._past.history.pasts if is_person(one) and one not in versions)
        return versions | dict.fromkeys(people, 0)

    def _versions(self, subjects: Collection[str]) -> dict[str, int]:
        """Return the versions of these rows."""
        versions = dict.fromkeys(subjects, 0)
        for some in _together(subjects):
            versions.update((one, row.version) for one, row in self._store.rows(some).items())
        return versions

    def _look_who_moved(self) -> None:
        """Look up into whom rows were folded, as the table says now; of people without a row, the archive.

        Whoever was folded once is not asked for again.
        """
        movable = {
            one for one in (*self._listed, *self._past.history.pasts) if not one.startswith(("a:", "p:"))
        }
        there: set[str] = set()
        for some in _together(movable - self._moved.keys()):
            rows = self._store.rows(some)
            if any(row.newer for row in rows.values()):
                raise NewerVersion("a newer deployment wrote a row")
            self._moved |= {one: row.moved for one, row in rows.items() if row.moved}
            there |= rows.keys()
        moved = {one: into for one, into in self._past.history.moved.items() if one not in there}
        moved |= self._moved
        self._into = {one: _end(one, moved) for one in moved}
        folded: dict[str, list[str]] = defaultdict(list)
        for one in sorted(self._into):
            folded[self._into[one]].append(one)
        self._folded = folded

    def _rows(self, versions: Mapping[str, int], found: Backfilled) -> dict[str, _Ahead]:
        """Backfill the rows that were at these versions; return those that are ahead of the archive."""
        ahead: dict[str, _Ahead] = {}
        standing: frozenset[LeadKey] = frozenset()
        for _ in range(TRIES):
            self._listed |= versions.keys()
            # After the versions: whoever is folded into one of these rows later raises its version.
            self._look_who_moved()
            # What was not written before it was folded is to be found where it is now.
            homes = {self._into[one] for one in versions if one in self._into}
            lost = sorted(homes - versions.keys())
            done = 0
            for subjects in _together(versions):
                rows = self._store.rows(subjects)
                for subject in subjects:
                    row = rows.get(subject) or Row(subject)
                    try:
                        if row.version != versions[subject]:
                            raise Conflict("somebody has written it")  # noqa: TRY301
                        self._row(row, standing, found)
                    except _Ahead as one:
                        ahead[subject] = one
                    except LeadExists as adopted:
                        standing |= adopted.keys
                        lost.append(subject)
                    except Conflict:
                        lost.append(subject)
                    except (Unreadable, Unwritable) as error:
                        found.left[subject] = str(error)
                done += len(subjects)
                self._told("rows looked at", done, len(versions))
            versions = self._versions(lost)
            if not versions:
                break
        return ahead | {one: _Ahead((), ()) for one in versions}

    def _pasts_of(self, subject: str) -> list[str]:
        return [subject, *self._folded.get(subject, ())]

    def _row(self, row: Row, standing: frozenset[LeadKey], found: Backfilled) -> None:
        """Write one row as it would be; raises `_Ahead` and `Conflict`."""
        subject = row.subject
        if row.newer:
            raise NewerVersion("a newer deployment wrote the row")
        what = self._what[is_person(subject)]
        known = self._past.history.pasts
        pasts = [known[one] for one in self._pasts_of(subject) if one in known]
        is_new = not row.state
        if row.moved or not (what.places or what.rules) or (is_new and not is_person(subject)) or not pasts:
            return
        plan = self._plan.of(subject)
        if subject not in known:
            pasts.insert(0, Past(plan.account(subject)))
        young = self._match(row, pasts)
        if is_new and subject in self._into:
            return
        self._editions.recall([row])
        if not is_new and not young and self._is_same(plan, row, pasts, what):
            found.same += 1
            return
        self._write(plan, row, pasts, what, young, standing, found)

    def _match(self, row: Row, pasts: Sequence[Past]) -> dict[bytes, Mark]:
        """Return what a person's row is to count and has not; raises `_Ahead` where the two differ."""
        folded = self._folded.get(row.subject)
        others = self._store.rows(folded) if folded else {}
        counted: set[bytes] = set()
        marks: dict[bytes, Mark] = {}
        for one in (row, *others.values()):
            for mark in one.ledger.marks():
                marks[mark.id] = mark
            if one.ledger.filed:
                counted |= self._seen.all_of(one.subject)
        counted |= marks.keys()
        archived = set().union(*(past.known() for past in pasts))
        missing = {one for one in counted - archived if not self._is_ancient(marks.get(one))}
        young = {mark.id: mark for past in pasts for mark in past.young if mark.id not in counted}
        excess = set() if is_person(row.subject) else young.keys()
        if missing or excess:
            raise _Ahead(missing, excess)
        return young

    def _is_ancient(self, mark: Mark | None) -> bool:
        """Return whether an event is older than the archive, which ends by itself after some time."""
        first = self._past.history.first
        if mark is None or first is None:
            return False
        return mark.latest + (self._set.lateness + 1) * DAY < first

    def _is_same(self, plan: Plan, row: Row, pasts: Sequence[Past], what: Chosen) -> bool:
        """Return whether a row needs no write: it holds all that it should, and nobody becomes silent."""
        account = unpack(plan, row.subject, row.state)
        if row.state != pack(plan, account):
            return False
        unmet = plan.editions.unmet(account.editions)
        silent = recall(plan, account, [past.account for past in pasts], what, unmet)
        return not silent and pack(plan, account) == row.state

    def _write(
        self,
        plan: Plan,
        row: Row,
        pasts: Sequence[Past],
        what: Chosen,
        young: Mapping[bytes, Mark],
        standing: frozenset[LeadKey],
        found: Backfilled,
    ) -> None:
        self._set.refresh()
        revision = Revision(self._plan, row, standing)
        account = revision.account
        known = plan.editions.unmet(account.editions)
        now = max(self._set.now, account.clock, *(past.account.clock for past in pasts))
        if account.clock and not revision.wake(now):
            # More is due by time alone than fits into one transaction: that comes first.
            if self._set.write:
                revision.commit(self._store, revision.woken(now))
            raise Conflict("more leads were due than fit into one write")
        Newcomers(plan, account).arrive(now)
        accounts = [past.account for past in pasts]
        if not row.state:
            # Nobody ever asked about this person: what holds already is no news, whatever rule it is.
            what = Chosen(what.places, frozenset(slot.name for slot in plan.rules))
        silent = recall(plan, account, accounts, what, known)
        if is_person(row.subject):
            follow(account, accounts)
        account.is_new = False
        if self._set.write:
            revision.commit(self._store, revision.present(self._filed(row, young)))
        found.written += 1
        found.leads += len(revision.leads)
        found.silent.update(slot.name for slot in plan.rules if silent & slot.bit)

    def _filed(self, row: Row, young: Mapping[bytes, Mark]) -> Ledger:
        """File the ids of what a person's row counts from now on, before it does."""
        if not young:
            return row.ledger
        buckets: dict[str, set[bytes]] = defaultdict(set)
        for mark in young.values():
            buckets[mark.bucket(row.ledger.grain)].add(mark.id)
        self._store.spill(row.subject, buckets, (self._set.now + KEEP_DAYS * DAY) // 1000)
        return msgspec.structs.replace(row.ledger, filed=True)


def _end(one: str, moved: Mapping[str, str]) -> str:
    """Return where a chain of folds ends."""
    passed = {one}
    while (into := moved.get(one)) is not None and into not in passed:
        passed.add(into)
        one = into
    return one


def _together(subjects: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for subject in subjects:
        group.append(subject)
        if len(group) == TOGETHER:
            yield group
            group = []
    if group:
        yield group
