"""Editions of the rules: declared once by who judges by them, looked up by who finds them in a row."""

from __future__ import annotations

from collections.abc import Sequence

from pql.core.account import Row
from pql.core.edition import Edition
from pql.engine.plan import Plan
from pql.engine.state import editions_of
from pql.flows.ports import Store


class Editions:
    """What a plan needs to know of editions, against a store: nothing is read twice."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store = store
        self._plan = plan
        self._asked: set[int] = set()
        self._is_declared = False

    def declare(self) -> None:
        """Write the editions of the plan unless they stand already; raises `Unavailable`.

        To be done before the first row is written that names them.
        """
        if self._is_declared:
            return
        for edition in self._undeclared():
            self._store.declare(edition)
        self._is_declared = True

    def are_declared(self) -> bool:
        """Return whether the editions of the plan stand, so that somebody judges or has judged by its rules.

        A function declares its own when it first counts an event or looks at the clock. Raises `Unavailable`.
        """
        return not self._undeclared()

    def _undeclared(self) -> list[Edition]:
        own = {plan.editions.own.id: plan.editions.own for plan in self._plan.every if plan.rules}
        known = self._store.editions(own) if own else {}
        return [edition for edition in own.values() if edition.id not in known]

    def recall(self, rows: Sequence[Row]) -> None:
        """Let the plan know the editions that the rows name; raises `Unreadable` and `Unavailable`.

        Usually they are its own. One that is not found had no rules, and is not asked for again.
        """
        wanted: dict[int, list[Plan]] = {}
        for row in rows:
            plan = self._plan.of(row.subject)
            for one in plan.editions.lacking(editions_of(row.state)) - self._asked:
                wanted.setdefault(one, []).append(plan)
        if wanted:
            for edition in self._store.editions(wanted).values():
                for plan in wanted[edition.id]:
                    plan.editions.recall(edition)
            self._asked |= wanted.keys()
