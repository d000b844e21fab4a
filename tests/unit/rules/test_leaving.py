"""Rules that what leaves its window makes true: the sweep finds each on its day, with no event to tell it."""

from __future__ import annotations

import pytest

from fakes.events import DAY, START, event, group
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.state import pack, unpack
from pql.engine.step import step, wake

SIGNALS = """
signals:
  ever: {count: Report Created}
  recent: {count: Report Created, within: 2d}
  level: {latest: amount, of: Report Created, within: 2d}
  peak: {max: amount, of: Report Created, within: 2d}
  today: {count: Report Created, within: 1d}
  week: {count: Report Created, within: 7d}
  fading: {decayed: Report Created, half_life: 1d}
  slow: {decayed: Report Created, half_life: 5d}
scores:
  cost: [{points: 20, when: {signal: ever, at_least: 1}}, {points: -10, per: recent, up_to: 10}]
  owed: [{points: 20, when: {signal: ever, at_least: 1}}, {points: -10, when: {signal: recent, at_least: 1}}]
"""
EVER = "{signal: ever, at_least: 1}"
# What a rule says, and when it fires after one report on day 0: a window of two days forgets that on day 2.
RULES = [
    (f"when: {EVER}, unless: {{signal: recent, at_least: 1}}", 2.0),
    (f"when: {{all: [{EVER}, {{signal: recent, less_than: 1}}]}}", 2.0),
    (f"when: {{all: [{EVER}, {{signal: level, exists: false}}]}}", 2.0),
    (f"when: {{all: [{EVER}, {{signal: peak, exists: false}}]}}", 2.0),
    ("when: {score: cost, at_least: 15}", 2.0),
    ("when: {score: owed, at_least: 15}", 2.0),
    (f"when: {{all: [{EVER}, {{signal: fading, at_most: 0.25}}]}}", 2.0),
    (f"when: {{all: [{EVER}, {{signal: fading, less_than: 0.25}}]}}", 3.0),
    (f"when: {{all: [{EVER}, {{not: {{signal: fading, at_least: 0.3}}}}]}}", 2.0),
    # Whose logarithm is a little more than 4 as it is computed.
    (f"when: {{all: [{EVER}, {{signal: slow, at_most: 0.5743491774985174}}]}}", 4.0),
    (f"when: {{all: [{EVER}, {{since: begins, at_most: 1d}}]}}", 4.0),
    (f"when: {{all: [{EVER}, {{not: {{until: begins, at_most: 9d}}}}]}}", 4.0),
    (f"when: {{all: [{EVER}, {{since: begins, at_least: 1d}}]}}", 5.0),
]


def fires(rule: str, *history: Event, suppress: str = "") -> list[float]:
    """Return the days on which the rule fires, if nobody looks but the sweep and what is stored."""
    plan = plan_of(f"{suppress}\n{SIGNALS}\nrules:\n  r: {{{rule}, cooldown: 1d, title: t, reason: r}}")
    account = plan.account("a:acme")
    fired = []
    for one in history:
        fired += step(plan, account, one)
        account = unpack(plan, "a:acme", pack(plan, account))
    fired += wake(plan, account, START + 60 * DAY)
    return [(one.at - START) / DAY for one in fired]


REPORTED = [group("g", begins="2025-01-05"), event(1, at=1, properties={"amount": 5})]


@pytest.mark.parametrize(("rule", "day"), RULES)
def test_a_rule_fires_on_the_day_on_which_it_comes_to_hold(rule: str, day: float) -> None:
    """Not by the report, and at no other time."""
    assert [day] == fires(rule, *REPORTED)


def test_what_suppresses_ends_on_its_day_too() -> None:
    """By a window, and by a date."""
    ends = ["{signal: recent, at_least: 1}", "{until: begins, at_most: 9d}"]

    assert [[2.0], [4.0]] == [
        fires(f"when: {EVER}", *REPORTED, suppress=f"suppress: [{one}]") for one in ends
    ]


@pytest.mark.parametrize(
    "until",
    [
        "{all: [{signal: recent, less_than: 1}, {signal: week, at_least: 1}]}",
        "{all: [{signal: fading, less_than: 0.6}, {signal: fading, at_least: 0.2}]}",
    ],
)
def test_an_exit_that_lasts_a_day_is_seen(until: str) -> None:
    """It holds while the condition does not, and neither does any more when the next event comes."""
    again = [*REPORTED, event(2, at=40 * DAY)]

    assert [1 / DAY, 40.0] == fires(f"when: {{signal: today, at_least: 1}}, until: {until}", *again)
