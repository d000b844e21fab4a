"""Waking: whoever looks first and whatever call goes wrong, it is the same lead."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.crashing_store import WAYS, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event
from fakes.histories import histories, in_order, packs
from fakes.interrupted_store import InterruptedStore
from fakes.plans import plan_of
from fakes.waking import ACME, PLAN, QUIET, count, stored_leads, wake
from pql.adapters.memory_store import MemoryStore
from pql.core.event import Event
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.engine.step import wake as judged
from pql.engine.step import waking


def never_too_late(store: MemoryStore, plan: Plan) -> bool:
    """Return whether every row is in the index at or before the next moment at which it makes a lead."""
    for subject, row in store.accounts.items():
        moment = next_lead(plan, unpack(plan, subject, row.state))
        if moment is not None and (row.wake is None or row.wake > -(-moment // 1000)):
            return False
    return True


def next_lead(plan: Plan, account: Account) -> int | None:
    """Return the next moment at which time alone makes the account a lead."""
    while (moment := waking(plan, account)) < NEVER:
        if judged(plan, account, moment):
            return account.clock
    return None


@given(packs(), histories(most=20), st.lists(st.integers(0, 16 * 24 * 4), max_size=12))
@settings(max_examples=examples(54))
def test_when_accounts_are_woken_changes_nothing(
    text: str, history: list[Event], quarters: list[int]
) -> None:
    """Any sweeps between the events leave the bytes and the leads of the events alone, word for word."""
    plan = plan_of(text)
    plain, swept = MemoryStore(), MemoryStore()
    moments = sorted(START + quarter * HOUR // 4 for quarter in quarters)
    for one in in_order(history):
        while moments and moments[0] <= one.received:
            wake(swept, moments.pop(0), plan=plan)
            assert never_too_late(swept, plan)
        for store in (plain, swept):
            count(store, one, plan=plan)
            assert never_too_late(store, plan)
    for store in (plain, swept):
        wake(store, START + 40 * DAY, plan=plan)

    assert stored_leads(plain) == stored_leads(swept)
    assert _states(plain) == _states(swept)


def _states(store: MemoryStore) -> dict[str, bytes]:
    return {subject: row.state for subject, row in store.accounts.items()}


Deed = Callable[[Any], Any]
# Counting, sweeping, an event that ends a silence of which the lead stands, another silence.
STORY: list[Deed] = [
    lambda store: count(store, event(1), event(2, at=HOUR, account="globex")).failed,
    lambda store: wake(store, START + DAY),
    lambda store: wake(store, QUIET).stopped,
    lambda store: count(store, event(3, at=3 * DAY), event(4, at=4 * DAY)).failed,
    lambda store: wake(store, START + 5 * DAY).stopped,
    lambda store: wake(store, START + 7 * DAY).stopped,
]
LEADS = {(ACME, "quiet", 1): QUIET, (ACME, "quiet", 2): START + 6 * DAY, ("a:globex", "quiet", 1): QUIET}


def end_of(store: MemoryStore) -> tuple[dict[tuple[str, str, int], int], dict[str, object], bool]:
    """Return the leads with their moments, what was counted, and whether nobody is overslept."""
    leads = {(lead.subject_key, lead.rule, lead.cycle): lead.created for lead in stored_leads(store)}
    ever = {key: unpack(PLAN, key, row.state).values[1] for key, row in store.accounts.items()}
    return leads, {key: value for key, value in ever.items() if value}, never_too_late(store, PLAN)


def tell(store: CrashingStore) -> None:
    """Do the deeds of the story, each once more at once, when nothing goes wrong."""
    for deed in STORY:
        with suppress(Killed):
            deed(store)
        deed(store.store)


@pytest.mark.parametrize("way", WAYS)
def test_whatever_call_goes_wrong_a_lead_of_time_exists_once(way: Way) -> None:
    """For every call of the story: it goes wrong, the deed is done again, and the end is the same."""
    quiet = CrashingStore(MemoryStore(), -1, way)
    tell(quiet)
    ends = []
    for at in range(quiet.calls + 1):
        store = CrashingStore(MemoryStore(), at, way)
        tell(store)
        ends.append(end_of(store.store))

    assert [(LEADS, {ACME: 3, "a:globex": 1}, True)] * len(ends) == ends


@pytest.mark.parametrize("swept_first", [True, False], ids=["sweep is overtaken", "event is overtaken"])
def test_an_event_and_a_sweep_at_the_same_time_make_one_lead(swept_first: bool) -> None:  # noqa: FBT001 - a parameter
    """At whatever call the one comes into the other: the silence is found once, and the event counts."""
    ends = []
    for at in range(20):
        memory = MemoryStore()
        count(memory, event(1))

        def sweep(store: Any) -> None:
            wake(store, START + 3 * DAY)

        def arrive(store: Any) -> None:
            while count(store, event(2, at=3 * DAY)).failed:
                pass

        outer, inner = (sweep, arrive) if swept_first else (arrive, sweep)
        store = InterruptedStore(memory, {at: lambda memory=memory, inner=inner: inner(memory)})
        outer(store)
        store.rest()
        sweep(memory)
        ends.append(end_of(memory))

    assert [({(ACME, "quiet", 1): QUIET}, {ACME: 2}, True)] * 20 == ends
