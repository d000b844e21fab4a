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
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from pql.backtest.past.hindsight import Chosen, chosen, follow, recall
from pql.backtest.past.history import Past
from pql.core.account import Row
from pql.core.dedup import KEEP_DAYS, Ledger, Mark
from pql.core.errors import Conflict, LeadExists, NewerVersion, Unreadable, Unwritable
from pql.core.keys import LeadKey, is_person
from pql.core.plain_words import counted
from pql.core.window import DAY
from pql.engine.introduction import Newcomers
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.flows.agreement import Agreement, Ahead, Seen
from pql.flows.editions import Editions
from pql.flows.folds import Folds, together
from pql.flows.past import AHEAD, ROUNDS, ArchivedPast, Backfilled, Lines, Settings
from pql.flows.ports import Accounts, Store
from pql.flows.revision import Revision
from pql.flows.tries import TRIES
from pql.flows.unread import NEWER, readable, why


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
        self._folds = Folds(store)
        self._agreement = Agreement(store, seen, self._past, self._folds, settings.lateness)
        self._listed: set[str] = set()
        self._unknown: set[str] = set()

    def run(self) -> Backfilled:
        """Backfill all rows there are; raises `Unavailable`, `Poison` and `NewerVersion`.

        Who could not be matched with the archive after a few looks at it, and whose row is damaged or grows
        beyond what the table takes, is told in `left`.
        """
        found = Backfilled()
        self._past.gather(found)
        versions = self._list()
        if self._set.write:
            self._editions.declare()
        self._every({one: version for one, version in versions.items() if not is_person(one)}, found)
        # Where the accounts' events turned out to be counted says also whose they were.
        people = {one: version for one, version in versions.items() if is_person(one)}
        new = sorted(one for one in self._past.history.pasts if is_person(one) and one not in people)
        self._every(people | dict.fromkeys(new, 0), found, people=True)
        found.first = self._past.history.first
        return found

    def _every(self, versions: Mapping[str, int], found: Backfilled, *, people: bool = False) -> None:
        """Backfill rows that were at these versions, and those that are ahead again, a few times."""
        self._unknown = set()
        ahead = self._rows(versions, found, people=people)
        for _ in range(ROUNDS):
            anew = self._agreement.note(ahead)
            wanted = {*ahead}
            if anew and self._agreement.is_searching:
                # Where it was counted may be a row of which the archive holds nothing else.
                wanted |= self._unknown
            if not wanted and not people:
                break
            relinked = self._catch_up(found, anew=anew)
            if not wanted and not relinked:
                break
            ahead = self._rows(self._versions(wanted | relinked if people else wanted), found, people=people)
        found.left |= {
            subject: f"{counted(len(one.missing), 'event')} {AHEAD}"
            if one.missing
            else "others wrote it again and again"
            for subject, one in ahead.items()
        }

    def _catch_up(self, found: Backfilled, *, anew: bool) -> set[str]:
        """Read what the archive holds by now, or all of it `anew`; return who has become whom since."""
        before = dict(self._past.history.moved)
        if anew:
            self._past.begin_again(found)
        self._past.gather(found)
        return {into for one, into in self._past.history.moved.items() if before.get(one) != into}

    # ── the table ──────────────────────────────────────────────────────────────────────────────

    def _list(self) -> dict[str, int]:
        """Return every subject that has a row, with its version; raises `NewerVersion` if none is legible."""
        versions: dict[str, int] = {}
        unread = 0
        after = None
        while True:
            page = self._accounts.page(after)
            versions.update((row.subject, row.version) for row in page.rows)
            unread += sum(row.newer for row in page.rows)
            self._told("rows", len(versions), 0)
            after = page.after
            if after is None:
                break
        if unread and unread == len(versions):
            raise NewerVersion(
                f"none of {unread} rows can be read: {NEWER}; use the pql of the version that is deployed"
            )
        return versions

    def _versions(self, subjects: Collection[str]) -> dict[str, int]:
        """Return the versions of these rows."""
        versions = dict.fromkeys(subjects, 0)
        for some in together(subjects):
            versions.update((one, row.version) for one, row in self._store.rows(some).items())
        return versions

    def _look_who_moved(self, *, people: bool) -> None:
        """Look up into whom rows were folded, as the table says now; of people without a row, the archive."""
        kinds = ("v:",) if people else ("u:", "n:")
        history = self._past.history
        movable = {one for one in (*self._listed, *history.pasts) if one.startswith(kinds)}
        self._folds.look(movable, history.moved if people else {}, history.pasts.keys())

    def _rows(self, versions: Mapping[str, int], found: Backfilled, *, people: bool) -> dict[str, Ahead]:
        """Backfill the rows that were at these versions; return those that are ahead of the archive."""
        ahead: dict[str, Ahead] = {}
        standing: frozenset[LeadKey] = frozenset()
        for _ in range(TRIES):
            self._listed |= versions.keys()
            # After the versions: whoever is folded into one of these rows later raises its version.
            self._look_who_moved(people=people)
            self._agreement.look_again()
            # What was not written before it was folded is to be found where it is now.
            lost = sorted({self._folds.end(one) for one in versions} - versions.keys())
            done = 0
            for subjects in together(versions):
                rows = self._store.rows(subjects)
                untold = self._agreement.untold(subjects) if people else ()
                for subject in subjects:
                    row = rows.get(subject) or Row(subject)
                    try:
                        if row.version != versions[subject]:
                            raise Conflict("somebody has written it")  # noqa: TRY301
                        if subject in untold:
                            raise Ahead((), ())  # noqa: TRY301
                        self._row(row, standing, found)
                    except Ahead as one:
                        ahead[subject] = one
                    except LeadExists as adopted:
                        standing |= adopted.keys
                        lost.append(subject)
                    except Conflict:
                        lost.append(subject)
                    except (NewerVersion, Unreadable, Unwritable) as error:
                        found.left[subject] = why(error)
                done += len(subjects)
                self._told("rows looked at", done, len(versions))
            versions = self._versions(lost)
            if not versions:
                break
        return ahead | {one: Ahead((), ()) for one in versions}

    def _row(self, row: Row, standing: frozenset[LeadKey], found: Backfilled) -> None:
        """Write one row as it would be; raises `Ahead`, `Conflict`, and of one that is to be left why."""
        subject = readable(row).subject
        what = self._what[is_person(subject)]
        known, copies = self._past.history.pasts, self._past.history.copies
        group = self._folds.group(subject)
        pasts = [known[one] for one in group if one in known]
        is_new = not row.state
        if row.moved or not (what.places or what.rules) or (is_new and not (is_person(subject) and pasts)):
            return
        if not pasts and copies.keys().isdisjoint(group):
            self._unknown.add(subject)
            self._agreement.claim(row)
            return
        if part := self._folds.unread.get(subject):
            raise NewerVersion(f"{part} may be part of it, and cannot be read")
        plan = self._plan.of(subject)
        if subject not in known:
            pasts.insert(0, Past(plan.account(subject)))
        young = self._agreement.match(row)
        if is_new and self._folds.end(subject) != subject:
            return
        self._editions.recall([row])
        if not is_new and not young and self._is_same(plan, row, pasts, what):
            found.same += 1
            return
        self._write(plan, row, pasts, what, young, standing, found)

    def _is_same(self, plan: Plan, row: Row, pasts: Sequence[Past], what: Chosen) -> bool:
        """Return whether a row needs no write: it holds all that it should, and nobody becomes silent."""
        account = unpack(plan, row.subject, row.state)
        if row.state != pack(plan, account):
            return False
        unmet = plan.editions.unmet(account.editions)
        accounts = [past.account for past in pasts]
        silent = recall(plan, account, accounts, what, unmet)
        if is_person(row.subject):
            follow(account, accounts)
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
