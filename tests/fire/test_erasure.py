"""An account is erased while a worker counts for it: at every call of the one the other gets in."""

from __future__ import annotations

import os
from collections.abc import Iterator

from fakes.events import START, event
from fakes.memory_backlog import MemoryBacklog
from fakes.memory_holdings import MemoryHoldings
from fire.test_turns import PLAN, worker
from fire.town import KEEP_IDS, Table
from fire.turns import Turns, schedules
from pql.core.erasure import Whom
from pql.engine.state import unpack
from pql.flows.erase import Erasure
from pql.flows.holdings import Held

# None for all schedules: a quarter of a minute.
PREEMPTIONS = None if os.environ.get("PQL_TURNS") == "all" else 3
ACME = Whom(accounts=frozenset({"a:acme"}))


class Scanned(MemoryHoldings):
    """Holdings in the order in which a table is read: of one subject its leads come before its row."""

    def everything(self) -> Iterator[Held]:
        """Yield every item, a step each."""
        yield from sorted(super().everything(), key=lambda held: (held.key, held.kind))


class Stepwise:
    """Holdings whose reads and writes are turns of a worker."""

    def __init__(self, table: Table) -> None:
        self._holdings = Scanned(table)

    def everything(self) -> list[Held]:
        """Return every item, as one page."""
        return list(self._holdings.everything())

    def __getattr__(self, name: str) -> object:
        return getattr(self._holdings, name)


def test_whoever_counts_while_an_account_is_erased_brings_nothing_back() -> None:
    """What was counted before is gone from the row, its copies count nothing, and no lead tells of it."""
    old, new = event(1), event(2)
    ends = set()
    table = Table()

    def play(schedule: list[int]) -> list[tuple[int, tuple[int, ...]]]:
        nonlocal table
        table = Table()
        worker([old])(table)

        def erase(holdings: object) -> None:
            Erasure(holdings, ACME, START, KEEP_IDS, write=True, pause=lambda _: None).table(MemoryBacklog())  # type: ignore[arg-type]

        return Turns([Stepwise(table), table], [erase, worker([new, old])]).play(schedule)

    for _ in schedules(play, PREEMPTIONS):
        worker([old, new])(table)
        row = table.accounts["a:acme"]
        leads = [key for key in table.leads if key.subject == "a:acme"]
        ends.add((unpack(PLAN, "a:acme", row.state).values[0] or 0, len(leads)))

    assert {(0, 0), (1, 0)} == ends
