"""Absence after something: what was done, and that nothing which should follow has followed."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.events import DAY, HOUR, START, event
from fakes.plans import plan_of
from pql.core.event import Event
from pql.core.window import NEVER
from pql.engine.explain import Explainer
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step, wake, waking
from pql.rules.faults import RulesRejected
from pql.rules.load import parse

STARTED, FINISHED = "Integration Started", "Integration Finished"
OPEN = f"unfollowed: {STARTED}, by: {FINISHED}"
RULES = "signals: {left: {%s}}\nrules: {stuck: {when: {signal: left, at_least: 3}, title: t, reason: r}}"


def plan_with(signal: str = OPEN) -> Plan:
    """Return the plan of a rule that fires three days after what nothing followed."""
    return plan_of(RULES % signal)


def days(signal: str, *history: Event, now: int = 4 * DAY) -> Any:
    """Return the signal's value at `now`, after events in this order of arrival."""
    plan = plan_with(signal)
    account = plan.account("a:acme")
    for one in history:
        step(plan, account, one)
    return plan.signals[0].signal.value_at(account.values[0], START + now)


def started(at: int, **more: Any) -> Event:
    """Return the beginning of something."""
    return event(("started", at), STARTED, at=at, **more)


def finished(at: int, **more: Any) -> Event:
    """Return its end."""
    return event(("finished", at), FINISHED, at=at, **more)


def test_days_pass_until_something_follows() -> None:
    """Since the last beginning; an end, whoever it is of, leaves nothing open until the next one."""
    assert days(OPEN) is None
    assert days(OPEN, finished(DAY)) is None
    assert days(OPEN, started(DAY)) == 3
    assert days(OPEN, started(0), started(DAY)) == 3
    assert days(OPEN, started(DAY), finished(2 * DAY, user="bob")) is None
    assert days(OPEN, started(0), finished(DAY), started(2 * DAY)) == 2


def test_what_happened_decides_and_not_what_arrived() -> None:
    """An end that comes late closes what it followed, and nothing that began after it."""
    assert days(OPEN, started(DAY), finished(2 * DAY, received=4 * DAY)) is None
    assert days(OPEN, started(2 * DAY), finished(DAY, received=4 * DAY)) == 2
    assert days(OPEN, finished(2 * DAY), started(DAY, received=4 * DAY)) is None


def test_an_end_of_the_same_millisecond_followed() -> None:
    """Senders write both with one clock reading, and an open end that is none would be a false lead."""
    assert days(OPEN, started(DAY), finished(DAY)) is None
    assert days(OPEN, finished(DAY), started(DAY)) is None


def test_an_event_that_is_both_is_a_beginning() -> None:
    """`by: any` is whatever else was done since."""
    signed_up = "unfollowed: Signed Up, by: any"

    assert days(signed_up, event(1, "Signed Up", at=DAY)) == 3
    assert days(signed_up, event(1, "Signed Up", at=DAY), event(2, "Report Created", at=DAY + 1)) is None


def test_both_sides_have_their_own_filters() -> None:
    """And `where` beside them is about both."""
    signal = (
        "unfollowed: {event: Plan Chosen, where: {plan: {starts_with: pro}}}, "
        "by: {event: Plan Chosen, where: {seats: {more_than: 4}}}, where: {region: eu}"
    )

    def chosen(at: int, plan: str, seats: int = 0, region: str = "eu") -> Event:
        properties = {"plan": plan, "seats": seats, "region": region}
        return event(at, "Plan Chosen", at=at, properties=properties)

    assert days(signal, chosen(DAY, "pro")) == 3
    assert days(signal, chosen(DAY, "free")) is None
    assert days(signal, chosen(DAY, "pro", region="us")) is None
    assert days(signal, chosen(DAY, "pro"), chosen(2 * DAY, "free", seats=4)) == 3
    assert days(signal, chosen(DAY, "pro"), chosen(2 * DAY, "free", seats=9)) is None
    assert days(signal, chosen(DAY, "pro"), chosen(2 * DAY, "free", seats=9, region="us")) == 3


def test_what_is_older_than_the_window_is_given_up() -> None:
    """At the midnight at which its day leaves."""
    plan = plan_with(f"{OPEN}, within: 7d")
    account = plan.account("a:acme")
    step(plan, account, started(5 * HOUR))
    step(plan, account, event("other", "Other", at=7 * DAY - 1))
    left = [plan.signals[0].signal.value_at(account.values[0], account.clock)]
    step(plan, account, event("another", "Other", at=7 * DAY))

    assert [pytest.approx(7 - 5 / 24, abs=1e-6), None] == [*left, account.values[0]]


def test_a_rule_fires_at_the_moment_and_sleeps_otherwise() -> None:
    """Three days after the last beginning, whoever looks; once something followed nobody is woken."""
    plan = plan_with(f"{OPEN}, within: 30d")
    account = plan.account("a:acme")
    step(plan, account, started(HOUR))
    step(plan, account, started(5 * HOUR))
    account = unpack(plan, "a:acme", pack(plan, account))
    due = waking(plan, account)
    fired = [one.at for one in wake(plan, account, START + 20 * DAY)]
    step(plan, account, started(21 * DAY))
    step(plan, account, finished(22 * DAY))

    assert (START + 3 * DAY + 5 * HOUR, [START + 3 * DAY + 5 * HOUR]) == (due, fired)
    assert NEVER == waking(plan, account)


def test_it_fires_again_for_the_next_one_left_open() -> None:
    """What followed in between has armed the rule."""
    plan = plan_of(RULES.replace("title: t", "cooldown: 1d, title: t") % OPEN)
    account = plan.account("a:acme")
    history = [started(0), finished(4 * DAY), started(5 * DAY), event("late", "Other", at=20 * DAY)]
    fired = [one.at - START for e in history for one in step(plan, account, e)]

    assert [3 * DAY, 8 * DAY] == fired


@pytest.mark.parametrize(
    ("signal", "fault"),
    [
        (f"unfollowed: {STARTED}", "`by` is missing here"),
        (
            f"unfollowed: {STARTED}, by: {{event: Other, were: {{}}}}",
            "unknown key `were`; did you mean `where`?",
        ),
        (
            f"unfollowed: {STARTED}, by: integration_started",
            "nothing follows; for silence write `days_since`",
        ),
        (f"{OPEN}, within: 3d", "signal `left` stays below 3, never at least 3; widen `within`"),
        (f"{OPEN}, within: 72h", "signal `left` stays below 3, never at least 3; widen `within`"),
    ],
)
def test_what_cannot_be_meant_is_refused(signal: str, fault: str) -> None:
    """With its place, before it stays silent for ever."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": RULES % signal})

    assert [one for one in rejected.value.faults if fault in one.message]


def test_an_explanation_says_when_it_will_be_so() -> None:
    """By itself, at a moment; or that nothing is open now."""
    plan = plan_with()
    account = plan.account("a:acme")
    explainer = Explainer(plan)
    before = explainer.explain(account, START + DAY).rules[0]
    step(plan, account, started(DAY))
    after = explainer.explain(account, START + 2 * DAY).rules[0]

    what = f"days since {STARTED} without {FINISHED}"
    assert [f"{what} to be at least 3 (nothing is open)"] == [one.words for one in before.wants]
    assert [f"{what}: at least 3 by itself in 2 days, on 5 Jan 2025, 00:00 UTC"] == [
        one.words for one in after.wants
    ]
    assert START + 4 * DAY == after.comes
