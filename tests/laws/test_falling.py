"""The law of waking: an account is woken whenever time alone can make a rule fire."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import DAY, HOUR, event
from fakes.histories import histories
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.judge import Fired, judge
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step, wake, waking

SUBJECT = "a:acme"
HEAD = """\
signals:
  reports: {count: Report Created, within: 2d}
  today: {count: any, within: 6h}
  ever: {count: any}
  people: {distinct: users, of: any, within: 1d}
  level: {latest: amount, of: any, within: 2d}
  earned: {sum: amount, of: any, within: 12h}
  idle: {days_since: Report Created}
  begun: {unfollowed: Report Created, by: Report Shared, within: 3d}
scores:
  usage: [{points: 4, per: reports, up_to: 12}, {points: 5, when: {signal: today, at_least: 1}}]
rules:
  quiet: {when: {signal: idle, at_least: 2}, title: t, reason: r}
"""
BOUNDS = st.sampled_from(
    [
        "{signal: reports, at_least: 2}",
        "{signal: reports, less_than: 2}",
        "{signal: today, at_least: 1}",
        "{signal: today, at_most: 1}",
        "{signal: ever, at_least: 3}",
        "{signal: people, more_than: 1}",
        "{signal: people, at_most: 1}",
        "{signal: level, more_than: 20}",
        "{signal: level, at_most: 20}",
        "{signal: earned, at_least: 10}",
        "{signal: earned, less_than: 10}",
        "{signal: idle, at_least: 3}",
        "{signal: begun, at_least: 1}",
        "{rule: quiet, fired_within: 1d}",
        "{score: usage, at_least: 8}",
        "{score: usage, less_than: 8}",
    ]
)
CONDITIONS = st.recursive(
    BOUNDS,
    lambda inner: st.one_of(
        inner.map("{{not: {}}}".format),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"{{all: [{', '.join(some)}]}}"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"{{any: [{', '.join(some)}]}}"),
    ),
    max_leaves=5,
)


def hourly(plan: Plan, account: Account, until: int) -> list[Fired]:
    """Judge the account at every full hour to `until`, when buckets leave, and when it asks to be woken."""
    fired: list[Fired] = []
    while (moment := min((account.clock // HOUR + 1) * HOUR, waking(plan, account))) <= until:
        plan.leaving(account, moment)
        account.clock = moment
        holding = plan.verdict(account.values, moment)
        fired += judge(plan.question.rules, plan.mask, holding, account, None, moment)
    return fired


def leads(plan: Plan, history: list[Event], *, by_the_hour: bool) -> list[tuple[int, int]]:
    """Return cycle and moment of the leads of a history that is stored after every event."""
    account = plan.account(SUBJECT)
    fired: list[Fired] = []
    for one in history:
        if by_the_hour and account.clock:
            fired += hourly(plan, account, one.received)
        fired += step(plan, account, one)
        account = unpack(plan, SUBJECT, pack(plan, account))
    end = account.clock + 4 * DAY
    fired += hourly(plan, account, end) if by_the_hour else wake(plan, account, end)
    return [(one.cycle, one.at) for one in fired if one.rule.name == "r"]


REPORTS = [event("one", "Report Created", at=HOUR), event("two", "Report Created", at=2 * HOUR)]
# What is left of them once the first has left its window is more than both.
REFUNDED = [
    event("one", at=0, properties={"amount": -5}),
    event("two", at=5 * HOUR, properties={"amount": 12}),
]


@example("{any: [{signal: reports, at_least: 2}, {signal: idle, at_least: 3}]}", "6h", REPORTS)
@example("{any: [{signal: reports, at_least: 2}, {rule: quiet, fired_within: 1d}]}", "6h", REPORTS)
@example("{all: [{signal: today, at_most: 1}, {signal: reports, less_than: 2}]}", "6h", REPORTS)
@example(
    "{all: [{signal: ever, at_most: 9}, {any: [{signal: today, at_least: 1}, {signal: idle, at_least: 3}]}]}",
    "6h",
    [*REPORTS, event("three", "Other", at=2 * DAY + 5 * HOUR)],
)
@example("{signal: earned, at_least: 10}", "6h", REFUNDED)
@example("{signal: today, at_most: 9}", "1h, requalify: {signal: earned, more: 10}", REFUNDED)
@example("{signal: ever, at_least: 1}", "1h, requalify: {signal: earned, more: 10}", REFUNDED)
@given(CONDITIONS, st.sampled_from(["1h", "6h", "2d"]), histories(most=14))
@settings(max_examples=examples(100))
def test_no_moment_at_which_time_makes_a_rule_fire_is_slept_through(
    condition: str, cooldown: str, history: list[Event]
) -> None:
    """Whoever looks at the account every hour finds the same leads at the same moments."""
    plan = plan_of(f"{HEAD}  r: {{when: {condition}, cooldown: {cooldown}, title: t, reason: r}}")
    history = sorted([event("first", at=-1), *history], key=lambda one: one.received)

    assert leads(plan, history, by_the_hour=True) == leads(plan, history, by_the_hour=False)
