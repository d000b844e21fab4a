"""Waking: the oldest come first, and who cannot be woken holds up nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from fakes.events import DAY, START, event
from fakes.waking import ACME, PLAN, QUIET, count, stored_leads, wake
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Row
from pql.core.errors import Unavailable, Unwritable
from pql.core.lead import Lead
from pql.flows.wake import SETTLING, Waker


def test_who_sleeps_longest_is_woken_first_over_all_shards() -> None:
    """A bounded run takes the oldest, the next ones go on, until everybody had their turn."""
    store = MemoryStore()
    names = [f"account {i}" for i in range(40)]
    for i, name in enumerate(names):
        count(store, event(name, account=name, at=i * DAY))
    order: list[str] = []

    class Noting(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            order.extend(lead.account_id for lead in leads)
            store.commit(change, leads)

    noting = Noting(accounts=store.accounts, leads=store.leads)
    runs = [wake(noting, QUIET + 40 * DAY, limit=15).counts for _ in range(4)]

    assert names == order
    assert [15, 15, 10, 0] == [one["AccountsWoken"] for one in runs]
    assert [1, 1, 0, 0] == [one["WakesCutShort"] for one in runs]


def test_a_run_ends_before_its_function_does() -> None:
    """With little time left nothing is begun."""
    store = MemoryStore()
    for name in ("one", "two", "three"):
        count(store, event(name, account=name))
    seconds = iter([60_000, 60_000, 60_000, 4_999])
    outcome = Waker(store, PLAN).run(QUIET + SETTLING, lambda: next(seconds))

    assert (2, 2, 1) == (outcome.counts["AccountsWoken"], len(store.leads), outcome.counts["WakesCutShort"])


class Lagging(MemoryStore):
    """Its index shows everybody, long after they moved."""

    def waking(self, until: int, shard: int) -> Iterator[tuple[int, str]]:
        """Return everybody, twice, and somebody who is gone."""
        everybody = sorted(self.accounts) if shard == 0 else []
        return iter([(0, one) for one in [*everybody, *everybody, "a:gone"]])


def test_an_index_that_lags_wakes_nobody_who_is_not_due() -> None:
    """What the row says counts: of who moved, was folded into another, or is gone, nothing is written."""
    store = Lagging()
    count(store, event(1, at=DAY), event(2, account="globex"))
    store.accounts["u:ada"] = Row("u:ada", 3, moved=ACME)
    wake(store, QUIET)
    writes = store.writes
    again = wake(store, QUIET)

    assert ({}, writes, ["globex"]) == (
        again.counts,
        store.writes,
        [lead.account_id for lead in stored_leads(store)],
    )


def test_what_a_newer_deployment_wrote_is_left_to_it() -> None:
    """It is passed over, and whoever waits behind it is woken."""
    store = MemoryStore()
    for name in ("acme", "globex", "initech"):
        count(store, event(name, account=name))
    newer = msgspec.structs.replace(store.accounts["a:globex"], state=msgspec.msgpack.encode([99]))
    store.accounts["a:globex"] = newer

    class Mixed(MemoryStore):
        def rows(self, subjects: Any) -> dict[str, Row]:
            found = super().rows(subjects)
            return {one: Row(one, newer=True) if one == ACME else row for one, row in found.items()}

    outcome = wake(Mixed(accounts=store.accounts, leads=store.leads), QUIET, limit=1)

    assert {"AccountsNewer": 2, "AccountsWoken": 1, "LeadsCreated": 1} == outcome.counts
    assert (["initech"], newer) == (
        [lead.account_id for lead in stored_leads(store)],
        store.accounts["a:globex"],
    )


@pytest.mark.parametrize(
    ("error", "code"), [(Unwritable("too large"), "unwritable"), (ZeroDivisionError("a rule"), "error")]
)
def test_one_account_that_fails_holds_up_nobody_else(error: Exception, code: str) -> None:
    """It is named without a word of what is in it, and whoever waits behind it is woken."""

    class Refusing(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if leads and change.row.subject == ACME:
                raise error
            super().commit(change, leads)

    store = Refusing()
    count(store, event(1))
    count(store, event(2, account="globex", at=1))
    outcome = wake(store, QUIET)

    assert ([ACME], ["globex"]) == (outcome.failed, [lead.account_id for lead in stored_leads(store)])
    assert [(ACME, code)] == [(item, fault.code) for item, fault in outcome.faults]
    assert code == "unwritable" or re.fullmatch(
        r"ZeroDivisionError in test_wake_failures\.py:\d+( < \w+\.py:\d+)+", str(outcome.faults[0][1])
    )


def test_an_outage_ends_the_run() -> None:
    """A table that is down is not hammered, and the error is kept for the handler to raise."""

    class Down(MemoryStore):
        tries = 0

        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if not leads:
                super().commit(change, leads)
                return
            self.tries += 1
            raise Unavailable("down")

    store = Down()
    for name in ("acme", "globex"):
        count(store, event(name, account=name))
    outcome = wake(store, QUIET)

    assert isinstance(outcome.stopped, Unavailable)
    assert 1 == store.tries


def test_who_is_written_by_somebody_else_meanwhile_is_left_for_the_next_run() -> None:
    """An event that comes in between finds the moment itself, and makes the lead."""

    class Overtaken(MemoryStore):
        overtaken = False

        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if leads and not self.overtaken:
                self.overtaken = True
                count(self, event(2, at=3 * DAY))
            super().commit(change, leads)

    store = Overtaken()
    count(store, event(1))
    outcome = wake(store, START + 3 * DAY)

    assert ({"Conflicts": 1}, [QUIET]) == (outcome.counts, [lead.created for lead in stored_leads(store)])
    assert {"AccountsWoken": 1, "LeadsCreated": 0} == wake(store, START + 3 * DAY).counts


def test_a_lead_that_stands_already_is_adopted() -> None:
    """After a partial restore it is not made again, and the account goes on from there."""
    store = MemoryStore()
    count(store, event(1))
    before = dict(store.accounts)
    wake(store, QUIET)
    whole = store.accounts[ACME]
    store.accounts.update(before)
    outcome = wake(store, QUIET)

    assert ({"AccountsWoken": 1, "LeadsCreated": 0}, 1) == (outcome.counts, len(store.leads))
    assert whole == store.accounts[ACME]
