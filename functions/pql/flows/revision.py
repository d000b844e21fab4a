"""A row in the making: its account, judged on, and the leads that this makes."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec

from pql.core.account import TRANSACTION, Change, Row, sooner, wake_second
from pql.core.dedup import Ledger
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.core.window import HOUR
from pql.engine.account import Account
from pql.engine.judge import Fired
from pql.engine.lead import lead_of
from pql.engine.plan import Plan
from pql.engine.state import FOREIGN_KEPT, pack, unpack
from pql.engine.step import step, wake, waking
from pql.flows.people import named
from pql.flows.ports import Store

# One item of a transaction is the row.
LEADS_LIMIT = TRANSACTION - 1


class Revision:
    """What becomes of `row`: its subject, judged by its plan, and the leads made since it was read.

    `fired` says whether any rule did. Leads in `standing` exist already: they are adopted and not made
    again. Raises `NewerVersion` for a state that a newer deployment packed.
    """

    def __init__(self, plan: Plan, row: Row, standing: AbstractSet[LeadKey] = frozenset()) -> None:
        self._plan = plan.of(row.subject)
        self.row = row
        self._standing = standing
        self.account = unpack(self._plan, row.subject, row.state)
        self._read_at = self.account.clock
        self.leads: list[Lead] = []
        self.fired = False

    @property
    def is_full(self) -> bool:
        """Return whether its leads might not fit into one transaction if anything more happened."""
        return bool(self.leads) and len(self.leads) + len(self._plan.rules) > LEADS_LIMIT

    @property
    def waking(self) -> int:
        """Return the next moment (epoch ms) at which time alone may make a rule true."""
        return waking(self._plan, self.account)

    def wake(self, until: int) -> bool:
        """Judge every moment (epoch ms) to `until` at which time alone may have made a rule true.

        One after the other, so that each lead says what held when it was made. Returns false if the
        revision was full before that.
        """
        if until < self.account.wake and until < self.account.due:
            return True
        while (moment := self.waking) <= until:
            if self.is_full:
                return False
            self._make(wake(self._plan, self.account, moment))
        self.account.unmet = 0
        return True

    def count(self, event: Event) -> bool:
        """Fold a new event, after what time alone had made true before it; false if it did not fit."""
        if self.is_full or not self.wake(event.received):
            return False
        self._make(step(self._plan, self.account, event))
        return True

    def packed(self) -> bytes:
        """Return the account's bytes."""
        return pack(self._plan, self.account)

    def present(self, ledger: Ledger | None = None) -> Change:
        """Return the change of an account that was brought to the present: its wake is the true one.

        Its ledger is the row's, unless one is given.
        """
        ledger = self.row.ledger if ledger is None else ledger
        change = changed(self._plan, self.account, self.row, self.packed(), ledger)
        return msgspec.structs.replace(change, wake=wake_second(self.waking))

    def woken(self, now: int) -> Change:
        """Return the change of an account that only time has passed for, until `now` (epoch ms)."""
        return msgspec.structs.replace(self.present(), wake=self.due(now))

    def due(self, now: int) -> int | None:
        """Return the second (epoch) at which the account is to be woken after `now`, None for never.

        If it has been judged by rules that these are not, another deployment may wait for something
        that these know nothing of. Then it is looked at again after an hour for each day that it has slept,
        for 90 days.
        """
        due, slept = wake_second(self.waking), now - self._read_at
        if slept >= FOREIGN_KEPT or not self._plan.editions.has_others(self.account.editions):
            return due
        return sooner(due, wake_second(now + max(HOUR, slept // 24)))

    def commit(self, store: Store, change: Change) -> None:
        """Write `change` and the leads in one atom, with the names of their people."""
        store.commit(change, [named(store, lead) for lead in self.leads])

    def _make(self, fired: Sequence[Fired]) -> None:
        self.fired |= bool(fired)
        made = [lead_of(self._plan, self.account, one) for one in fired]
        self.leads += [lead for lead in made if lead.key not in self._standing]


def changed(plan: Plan, account: Account, row: Row, state: bytes, ledger: Ledger) -> Change:
    """Return the change that writes the account, packed as `state`, over its row.

    The row's wake moves only to an earlier second: most events move the true one a little later, and
    whoever wakes the account too early finds that out at the price of one write.
    """
    plan = plan.of(row.subject)
    scores = {slot.name: account.score(slot.place) for slot in plan.scores}
    return Change(
        row=row,
        state=state,
        ledger=ledger,
        scores={name: score for name, score in scores.items() if score},
        touched=account.clock,
        wake=sooner(row.wake, wake_second(waking(plan, account))),
    )
