"""The laws of the step."""

from __future__ import annotations

import itertools
import random
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import chances, examples
from fakes.cuts import SUBJECT, folded
from fakes.events import event
from fakes.histories import histories, packs
from fakes.plans import MIXED, plan_of
from fakes.slow_reference import slow_values
from pql.core.event import Event
from pql.engine.account import PEOPLE_KEPT, Account
from pql.engine.state import pack, unpack
from pql.engine.step import step
from pql.engine.verdict import Question

PLAN = plan_of()


def aggregates_of(state: bytes) -> Account:
    """Return the account in `state` without its standings, which depend on the order of arrival."""
    account = unpack(PLAN, SUBJECT, state)
    account.standings = {}
    return account


@given(histories(), chances())
@settings(max_examples=examples(28))
def test_fault_063_counters_do_not_depend_on_the_order_of_events(
    history: list[Event], rnd: random.Random
) -> None:
    """Any order of the same events packs to the same aggregates, traits and people, byte for byte."""
    shuffled = rnd.sample(history, len(history))

    first, second = (pack(PLAN, aggregates_of(folded(PLAN, one)[0])) for one in (history, shuffled))

    assert first == second


@given(histories(), st.sets(st.integers(0, 40)))
@settings(max_examples=examples(28))
def test_how_a_stream_is_cut_changes_neither_counters_nor_leads(history: list[Event], cuts: set[int]) -> None:
    """Storing and reading the account between any two events changes nothing at all."""
    assert folded(PLAN, history) == folded(PLAN, history, cuts)


@given(packs(), histories(), st.sets(st.integers(0, 40)))
@settings(max_examples=examples(28))
def test_no_rules_make_the_cut_matter(text: str, history: list[Event], cuts: set[int]) -> None:
    """Whatever windows and bounds a pack mixes, storing the account changes nothing."""
    plan = plan_of(text)

    assert folded(plan, history) == folded(plan, history, cuts)


@given(packs() | st.just(MIXED), histories(), st.sets(st.integers(0, 40), max_size=3))
@settings(max_examples=examples(54))
def test_rules_need_not_be_asked_where_no_bound_is_crossed(
    text: str, history: list[Event], cuts: set[int]
) -> None:
    """An account that is judged at every change of a value is the same, and so are its leads."""
    found = folded(plan_of(text), history, cuts)

    with mock.patch.object(Question, "bounds", return_value=None):
        assert folded(plan_of(text), history, cuts) == found


@given(histories())
@settings(max_examples=examples(28))
def test_the_step_agrees_with_a_slow_and_obvious_reference(history: list[Event]) -> None:
    """Every signal has the value that a look at the whole history gives."""
    state, _ = folded(PLAN, history)
    account = unpack(PLAN, SUBJECT, state)
    signals = PLAN.signals

    values = {slot.fingerprint: account.values[slot.place] for slot in signals}

    assert slow_values(PLAN, history, account.clock) == values


@given(histories())
def test_an_account_packs_and_unpacks_to_itself(history: list[Event]) -> None:
    """Packing what was unpacked gives the same bytes, so that a row is never rewritten for nothing."""
    state, _ = folded(PLAN, history)

    assert state == pack(PLAN, unpack(PLAN, SUBJECT, state))


def test_fault_017_061_what_an_account_holds_is_bounded_by_the_rules() -> None:
    """Ten thousand users, values and event names leave an account no larger than a thousand did.

    A thousand of them, ten minutes apart, fill every window.
    """
    sizes = []
    account = PLAN.account(SUBJECT)
    for index in range(10_000):
        properties = {"amount": index % 7, "format": f"format {index}", "noise": "x" * 100}
        name = f"Event {index}" if index % 2 else "Report Created"
        step(
            PLAN, account, event(index, name, at=index * 600_000, user=f"user {index}", properties=properties)
        )
        if index in (1_000, 9_999):
            sizes.append(len(pack(PLAN, account)))

    assert PEOPLE_KEPT == len(account.people)
    assert sizes[1] <= sizes[0] * 1.2


@given(histories(most=25))
def test_time_never_runs_backwards_inside_an_account(history: list[Event]) -> None:
    """An event received before the account's clock is judged at the clock."""
    account = PLAN.account(SUBJECT)
    clocks = []
    for one in history:
        fired = step(PLAN, account, one)
        clocks.append(account.clock)
        assert {fire.at for fire in fired if fire.event} <= {account.clock}

    assert [*itertools.accumulate((one.received for one in history), max)] == clocks


@given(histories(), st.integers(0, 40))
def test_two_halves_merge_to_the_whole(history: list[Event], cut: int) -> None:
    """Aggregates of different events merge to the aggregate of all of them."""
    clock = max((one.received for one in history), default=0)
    whole, first, second = (PLAN.account(SUBJECT) for _ in range(3))
    for account, part in ((whole, history), (first, history[:cut]), (second, history[cut:])):
        account.clock = clock
        for one in part:
            step(PLAN, account, one)
    for place, (mine, other) in enumerate(zip(first.aggregates, second.aggregates, strict=True)):
        if mine is None:
            first.aggregates[place] = other
        elif other is not None:
            mine.merge(other)  # type: ignore[arg-type] # the same signal, the same kind

    assert signals_of(whole) == signals_of(first)


def signals_of(account: Account) -> list[object]:
    """Return the aggregates as they are stored."""
    return [
        held and (held.at, held.event[:16], held.packed(account.clock, slot.signal.window))
        for slot, held in zip(PLAN.signals, account.aggregates, strict=True)
    ]
