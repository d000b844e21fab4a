"""When an account is to be woken: no sooner than time alone can make a rule fire, and not for nothing."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, START, event
from fakes.plans import plan_of
from pql.core.window import NEVER
from pql.engine.step import step, waking

RULE = """
signals:
  reports: {count: Report Created, within: 2d}
  today: {count: any, within: 6h}
rules:
  r: {when: {all: [{signal: reports, at_least: 2}, {signal: today, less_than: 2}]}, title: t, reason: r}
"""
LOOKS = """
signals:
  ever: {count: any}
  today: {count: any, within: 6h}
  most: {max: amount, of: any, within: 6h}
  idle: {days_since: any}
scores:
  calm: [{points: 5, when: {signal: today, at_most: 1}}]
  rested: [{points: 9, when: {signal: ever, at_least: 1}}, {points: -9, when: {signal: today, at_least: 2}}]
  both: [{score: calm, weight: 2}]
rules:
  r: {when: CONDITION, title: t, reason: r}
"""


@pytest.mark.parametrize(("reports", "wakes"), [(1, NEVER), (2, START + 6 * HOUR)])
def test_nobody_is_woken_while_a_lower_bound_fails_that_must_hold_as_well(reports: int, wakes: int) -> None:
    """By time alone what is counted only becomes less."""
    plan = plan_of(RULE)
    account = plan.account("a:acme")
    for index in range(reports):
        step(plan, account, event(index, at=index))
    step(plan, account, event("other", "Other", at=9))

    assert wakes == waking(plan, account)


@pytest.mark.parametrize(("events", "wakes"), [(1, NEVER), (2, START + 6 * HOUR)])
def test_nobody_is_woken_while_all_upper_bounds_hold(events: int, wakes: int) -> None:
    """Less of what they count cannot end that."""
    plan = plan_of(RULE.replace("{signal: reports, at_least: 2}", "{signal: reports, at_most: 9}"))
    account = plan.account("a:acme")
    for index in range(events):
        step(plan, account, event(index, at=index))

    assert wakes == waking(plan, account)


@pytest.mark.parametrize(
    "condition",
    [
        "{score: calm, at_least: 5}",
        "{score: rested, at_least: 5}",
        "{score: both, at_least: 5}",
        "{signal: most, exists: false}",
        "{any: [{signal: most, exists: false}, {signal: most, more_than: 9}]}",
        "{not: {all: [{signal: today, at_least: 2}, {signal: ever, at_least: 1}]}}",
        "{signal: ever, at_least: 1}, unless: {signal: today, at_least: 2}",
        "{signal: ever, at_least: 1}, until: {signal: today, at_most: 1}",
    ],
)
def test_what_less_of_something_helps_to_hold_wakes_when_that_leaves(condition: str) -> None:
    """Through scores, alternatives, exits and bars."""
    plan = plan_of(LOOKS.replace("CONDITION", condition))
    account = plan.account("a:acme")
    for index in range(2):
        step(plan, account, event(index, at=index, properties={"amount": 5}))

    assert START + 6 * HOUR == waking(plan, account)


@pytest.mark.parametrize(
    "text",
    [
        LOOKS.replace("CONDITION", "{signal: ever, at_least: 1}, unless: {signal: idle, less_than: 3}"),
        LOOKS.replace("CONDITION", "{signal: ever, at_least: 1}, until: {signal: idle, at_least: 3}"),
        LOOKS.replace("CONDITION", "{signal: ever, at_least: 1}")
        + "suppress: [{signal: idle, less_than: 3}]",
    ],
)
def test_what_time_ends_or_bars_wakes_at_its_moment(text: str) -> None:
    """As what it makes true."""
    plan = plan_of(text)
    account = plan.account("a:acme")
    step(plan, account, event("only"))

    assert START + 3 * DAY == waking(plan, account)
