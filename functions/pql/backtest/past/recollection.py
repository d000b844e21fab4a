"""Recollection: some signals of a plan, folded without a question asked of any rule."""

from __future__ import annotations

from collections.abc import Collection

from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.fold import Fold, fold
from pql.engine.leaving import leaving
from pql.engine.lesson import LESSONS
from pql.engine.plan import FOLDS_CACHED, NAME_CACHED, Plan
from pql.engine.verdict import Question
from pql.rules.names import folded


class Recollection:
    """Folds events into accounts for the signals at `places` of a plan; traits and people go with them."""

    def __init__(self, plan: Plan, places: Collection[int]) -> None:
        self._plan = plan
        self._slots = [slot for slot in plan.signals if slot.place in places]
        self._leaving = leaving(self._slots)
        self._folds: dict[tuple[str, str], Fold] = {}
        self._by_places: dict[tuple[int, ...], Fold] = {}

    def account(self, subject: str) -> Account:
        """Return an account that nothing is known of, and that no rule will be asked about."""
        return self._plan.account(subject)

    def count(self, account: Account, event: Event) -> None:
        """Fold an event, after letting go what has left its window."""
        now = max(account.clock, event.received)
        if now >= account.due:
            self._leaving(account, now)
        account.clock = now
        key = (event.type, event.name)
        found = self._folds.get(key)
        if found is None:
            found = self._fold(*key)
            if len(self._folds) < FOLDS_CACHED and len(event.name) <= NAME_CACHED:
                self._folds[key] = found
        found(account, event, now)

    def _fold(self, kind: str, name: str) -> Fold:
        if kind in LESSONS:
            # A lesson asks the rules; of an account that is new to them none answers.
            return self._plan.fold(kind, name)
        slots = [slot for slot in self._slots if slot.signal.listens(kind, folded(name))]
        places = tuple(slot.place for slot in slots)
        if places not in self._by_places:
            asked = Question((), ())
            self._by_places[places] = fold(slots, asked, self._plan.constants, alarming=frozenset())
        return self._by_places[places]
