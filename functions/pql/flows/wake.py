"""Wake: judge accounts at the moments at which time alone may have made a rule true.

Each account says when that is next (`Row.wake`), in an index that is read in the order of time: who has
slept longest comes first, so however many are due at once, every one has its turn. An account is judged
as of those moments, and only what fires is written: who wakes it, and when, makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge
from itertools import islice

from pql.core.account import WAKE_SHARDS, Row
from pql.core.errors import Conflict, LeadExists, NewerVersion, PqlError, Unavailable, Unreadable, Unwritable
from pql.core.keys import LeadKey, in_logs
from pql.engine.plan import Plan
from pql.flows.editions import Editions
from pql.flows.outcome import Outcome, unforeseen
from pql.flows.ports import Store
from pql.flows.revision import Revision

# What was received before a moment is counted before the account is judged at it, but for a backlog.
SETTLING = 60_000
LIMIT = 10_000
ENOUGH = 5_000
# So few that the rows are still what was read when their turn comes, and a call is shared all the same.
TOGETHER = 25


class Waker:
    """Wakes accounts against a store."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store = store
        self._plan = plan
        self._editions = Editions(store, plan)

    def run(self, now: int, remaining: Callable[[], int], limit: int = LIMIT) -> Outcome:
        """Wake the accounts that were due a minute before `now` (epoch ms), oldest first.

        Writes `limit` accounts at most and stops when `remaining` milliseconds run short; the next run
        goes on. What somebody else has just written is left for it as well. An account that cannot be
        written or judged is in the outcome's `failed` and passed over; an outage ends the run.
        """
        outcome = Outcome()
        until = now - SETTLING
        try:
            self._editions.declare()
            for row in self._due(until // 1000, remaining, outcome):
                if outcome.counts["AccountsWoken"] >= limit or remaining() < ENOUGH:
                    outcome.counts["WakesCutShort"] = 1
                    break
                self._wake(row, until, outcome)
        except Unavailable as error:
            outcome.stopped = error
        return outcome

    def _due(self, until: int, remaining: Callable[[], int], outcome: Outcome) -> Iterator[Row]:
        """Yield the rows that wait no longer than `until`, epoch seconds, whatever the index says."""
        shards = [self._store.waking(until, shard) for shard in range(WAKE_SHARDS)]
        waiting = (subject for _, subject in merge(*shards))
        while subjects := dict.fromkeys(islice(waiting, TOGETHER)):
            if remaining() < ENOUGH:
                outcome.counts["WakesCutShort"] = 1
                return
            rows = self._store.rows(subjects)
            for row in (rows[subject] for subject in subjects if subject in rows):
                if row.newer:
                    outcome.counts["AccountsNewer"] += 1
                elif row.wake is not None and row.wake <= until:
                    yield row

    def _wake(self, row: Row, until: int, outcome: Outcome) -> None:
        try:
            made, suppressed = self._woken(row, until)
            outcome.counts["AccountsWoken"] += 1
            outcome.counts["LeadsCreated"] += made
            if suppressed:
                outcome.counts["LeadsSuppressed"] += suppressed
        except Unavailable:
            raise
        except Conflict:
            outcome.counts["Conflicts"] += 1
        except NewerVersion:
            outcome.counts["AccountsNewer"] += 1
        except (Unreadable, Unwritable) as error:
            _fail(outcome, row, error)
        except Exception as error:  # noqa: BLE001 - at the head of the index it would stop all others for ever
            _fail(outcome, row, unforeseen(error))

    def _woken(self, row: Row, until: int) -> tuple[int, int]:
        """Judge an account and write what came of it; return how many leads were made, and held back.

        Where nothing fires nothing of it is remembered, but that the account has met rules which are new:
        what is held back counts when the next event does.
        """
        standing: frozenset[LeadKey] = frozenset()
        while True:
            self._editions.recall([row])
            revision = Revision(self._plan, row, standing)
            has_met = not revision.account.unmet
            revision.wake(until)
            if has_met and not revision.fired:
                self._store.postpone(row, revision.due(until))
                return 0, 0
            try:
                revision.commit(self._store, revision.woken(until))
            except LeadExists as adopted:
                standing |= adopted.keys
            else:
                return len(revision.leads), len(revision.account.suppressed)


def _fail(outcome: Outcome, row: Row, error: PqlError) -> None:
    outcome.faults.append((in_logs(row.subject), error))
    outcome.failed.append(row.subject)
