"""The laws of what is remembered: order, cuts and halves change nothing, and rules bound its size."""

from __future__ import annotations

import functools
import os
import random

import msgspec
import pytest

from fakes.events import DAY, HOUR, START, event
from fakes.histories import DATED_TEXTS, SIGNAL_TEXTS, as_heard, lives
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.merge import joined
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import slide, step

SUBJECT = "a:acme"
HISTORIES = int(os.environ.get("PQL_HISTORIES", "40"))
EVERY = {**SIGNAL_TEXTS, **DATED_TEXTS}
SIGNALS = [text + within for text, windows in EVERY.items() for within in (windows[0], windows[-1])]
every_signal = pytest.mark.parametrize("signal", dict.fromkeys(SIGNALS))


@functools.cache
def plan_with(signal: str) -> Plan:
    """Return the plan of one signal and a rule that never fires."""
    return plan_of(
        f"signals: {{s: {{{signal}}}}}\nrules: {{r: {{when: {{signal: s, is: no}}, title: t, reason: r}}}}"
    )


def told(plan: Plan, history: list[Event]) -> Account:
    """Return the account after a history."""
    account = plan.account(SUBJECT)
    for one in history:
        step(plan, account, one)
    return account


def remembered(plan: Plan, account: Account) -> bytes:
    """Return what the account remembers of its signal, as it is stored."""
    held, signal = account.aggregates[0], plan.signals[0].signal
    value = signal.value_at(account.values[0], account.clock)
    return msgspec.msgpack.encode(
        held and [held.at, held.event[:16], held.packed(account.clock, signal.window), value], enc_hook=tuple
    )


def cases(signal: str) -> list[tuple[random.Random, list[Event]]]:
    """Return random histories, each with a randomness of its own."""
    return [
        (random.Random(f"{signal} {number}"), history)  # noqa: S311 - no secret
        for number, history in enumerate(lives(signal, HISTORIES, most=30))
    ]


@every_signal
def test_fault_063_the_order_of_arrival_changes_nothing(signal: str) -> None:
    """Any order of the same events is remembered as the same bytes."""
    plan = plan_with(signal)
    for rnd, history in cases(signal):
        shuffled = rnd.sample(history, len(history))

        assert remembered(plan, told(plan, history)) == remembered(plan, told(plan, shuffled))


@every_signal
def test_storing_between_any_two_events_changes_nothing(signal: str) -> None:
    """What is read again goes on as if it had never been stored."""
    plan = plan_with(signal)
    for _, history in cases(signal):
        cut = plan.account(SUBJECT)
        for one in history:
            cut = unpack(plan, SUBJECT, pack(plan, cut))
            step(plan, cut, one)

        whole = told(plan, history)

        assert pack(plan, whole) == pack(plan, cut)
        assert remembered(plan, whole) == remembered(plan, cut)


@every_signal
def test_two_parts_merge_to_the_whole(signal: str) -> None:
    """However events are dealt out to two, stored or not, together they remember what one would."""
    plan = plan_with(signal)
    for rnd, history in cases(signal):
        whole = told(plan, history)
        dealt = [rnd.random() < 0.5 for _ in history]
        mine, theirs = (
            told(plan, [one for one, is_mine in zip(history, dealt, strict=True) if is_mine is side])
            for side in (True, False)
        )
        if rnd.random() < 0.5:
            theirs = unpack(plan, SUBJECT, pack(plan, theirs))
        for one in (mine, theirs):
            slide(plan, one, whole.clock)
            one.clock = whole.clock
        if theirs.aggregates[0] is not None:
            mine.aggregates[0] = joined(mine.aggregates[0], theirs.aggregates[0])
            mine.values[0] = plan.signals[0].signal.read(mine.aggregates[0])
            slide(plan, mine, whole.clock)

        assert remembered(plan, whole) == remembered(plan, mine)


@every_signal
def test_time_alone_forgets_the_same_as_events_do(signal: str) -> None:
    """An account looked at later remembers what one does that heard of something else by then."""
    plan = plan_with(signal)
    for rnd, history in cases(signal):
        later = max((one.received for one in history), default=START) + rnd.randrange(9 * DAY)
        other = event("other", "", kind="page", at=later - START)
        looked_at = told(plan, history)
        slide(plan, looked_at, later)
        looked_at.clock = later

        assert remembered(plan, told(plan, [*history, other])) == remembered(plan, looked_at)


@every_signal
def test_fault_017_a_crowd_cannot_make_it_larger_than_the_rule_says(signal: str) -> None:
    """Thousands of users, values and moments stay below the bytes that the rules are checked for."""
    plan = plan_with(signal)
    account = plan.account(SUBJECT)
    for one in as_heard(signal, crowd()):
        step(plan, account, one)

    assert len(remembered(plan, account)) <= 40 + plan.signals[0].signal.most_bytes


@functools.cache
def crowd() -> list[Event]:
    """Return what thousands do, each at a moment and with values of their own."""
    made = []
    for index in range(4_000):
        at = index * HOUR // 12 + index
        received = at - index * 7 % 24 * HOUR if index > 300 else at
        properties = {"amount": index * 0.37, "format": f"{'x' * 300}{index}" if index % 3 else "pdf"}
        name = ("Report Created", "Order Completed", "Other")[index * 7 % 3]
        user = f"user {index % 701}"
        made.append(event(index, name, at=at, received=received, user=user, properties=properties))
    return made
