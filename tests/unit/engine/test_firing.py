"""When a rule fires: on entering, once a cycle."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, event, group
from fakes.firings import RULE, days, fires
from fakes.plans import plan_of
from pql.engine.step import step


def test_a_rule_fires_when_its_condition_becomes_true_and_not_again_while_it_stays_true() -> None:
    """Entering is what fires."""
    assert [("busy", 1, 1)] == fires(plan_of(RULE), days(0, 0.1, 0.2, 0.3, 1))


def test_a_rule_fires_again_after_its_condition_fell_and_the_cooldown_passed() -> None:
    """Falling arms the rule; the next entering after the cooldown is the next cycle."""
    assert [("busy", 1, 1), ("busy", 2, 3)] == fires(plan_of(RULE), days(0, 0.1, 9, 9.1))


def test_entering_within_the_cooldown_is_held_until_the_cooldown_is_over() -> None:
    """A condition that fell and holds again fires with the first event after the cooldown."""
    assert [("busy", 1, 1), ("busy", 2, 5)] == fires(plan_of(RULE), days(0, 0.1, 4, 4.1, 4.2, 5.2))


def test_a_condition_that_never_fell_does_not_fire_again_by_the_clock() -> None:
    """A lifetime count qualifies once, however long the cooldown is over."""
    plan = plan_of(RULE.replace("signal: reports", "signal: ever"))

    assert [("busy", 1, 1)] == fires(plan, days(0, 0.1, 20, 40, 60))


def test_one_event_that_crosses_the_bound_from_an_emptied_window_fires() -> None:
    """The fall is seen at the next event even if that very event makes the condition true again."""
    plan = plan_of(
        """
signals: {spent: {sum: amount, of: Order Completed, within: 2d}}
rules: {big: {when: {signal: spent, at_least: 100}, cooldown: 1d, title: t, reason: r}}
"""
    )
    orders = [event(i, "Order Completed", at=i * 10 * DAY, properties={"amount": "100.00"}) for i in range(2)]

    assert [("big", 1, 0), ("big", 2, 1)] == fires(plan, orders)


def test_a_bucket_has_left_its_window_at_the_moment_at_which_it_leaves() -> None:
    """Neither a millisecond sooner nor later."""
    plan = plan_of(RULE)
    account = plan.account("a:acme")
    counts = []
    for at in (0, 2 * DAY - 1, 2 * DAY):
        step(plan, account, event(at, "Report Created" if not at else "Other", at=at))
        counts.append(account.values[0])

    assert [1, 1, 0] == counts


def test_a_trait_alone_can_make_a_rule_fire() -> None:
    """A group call that tells the plan is judged like any event."""
    plan = plan_of("rules: {trial: {when: {trait: Plan Name, is: trial}, title: t, reason: r}}")

    assert [("trial", 1, 1)] == fires(plan, [event(0), group(1, planName="trial", at=HOUR)])


def test_a_trait_of_another_type_is_another_trait() -> None:
    """True equals 1 in Python, and not in a rule."""
    plan = plan_of("rules: {single: {when: {trait: sso, is: true}, title: t, reason: r}}")
    calls = [group(1, sso=1), group(2, at=1, sso=True), group(3, at=2, sso=1), group(4, at=3, sso=True)]
    account = plan.account("a:acme")
    values = []
    for call in calls:
        step(plan, account, call)
        values.append(account.values[plan.traits["sso"]])

    assert "[1, True, 1, True]" == str(values)
    assert [("single", 1, 1)] == fires(plan, calls)


@pytest.mark.parametrize("told", [None, [], ["trial"], {"name": "trial"}], ids=str)
def test_a_call_that_tells_no_plain_value_leaves_a_trait_as_it_was(told: object) -> None:
    """Null takes nothing back, and neither a list nor an object is held against a bound."""
    plan = plan_of("rules: {trial: {when: {trait: plan, is: trial}, cooldown: 1h, title: t, reason: r}}")
    calls = [group(1, plan="trial"), group(2, at=DAY, plan=told), group(3, at=2 * DAY, plan="trial")]

    assert [("trial", 1, 0)] == fires(plan, calls)
    assert [] == fires(plan, calls[1:2])


def test_of_two_calls_at_one_moment_the_same_holds_whichever_came_first() -> None:
    """Their ids decide, for nothing else does."""
    plan = plan_of("rules: {trial: {when: {trait: plan, is: trial}, title: t, reason: r}}")
    calls = [group(1, plan="trial"), group(2, plan="paid")]
    ends = []
    for order in (calls, calls[::-1]):
        account = plan.account("a:acme")
        for call in order:
            step(plan, account, call)
        ends.append(account.traits)

    assert ends[0] == ends[1]


def test_traits_of_a_user_are_not_traits_of_their_account() -> None:
    """An identify call speaks of the account only where the user is the subject."""
    plan = plan_of("rules: {trial: {when: {trait: plan, is: trial}, title: t, reason: r}}")
    call = event(0, "", kind="identify", account=None, traits={"plan": "trial"})

    assert ([], [("trial", 1, 0)]) == (fires(plan, [call]), fires(plan, [call], "u:ada"))


def test_page_calls_are_counted_only_by_signals_of_pages() -> None:
    """A page called like an event is not that event."""
    plan = plan_of(
        """
signals: {views: {count: Pricing, type: page}}
rules: {keen: {when: {signal: views, at_least: 1}, title: t, reason: r}}
"""
    )

    assert [("keen", 1, 1)] == fires(plan, [event(0, "Pricing"), event(1, "pricing", kind="page")])


def test_a_signal_of_any_type_counts_events_pages_and_screens() -> None:
    """Of the names it listens to, or whatever they are called; what tells of traits is nothing done."""
    plan = plan_of(
        """
signals:
  looks: {count: Pricing, type: any}
  calls: {count: any, type: any}
rules:
  keen: {when: {signal: looks, at_least: 3}, title: t, reason: r}
  busy: {when: {signal: calls, at_least: 4}, title: t, reason: r}
"""
    )
    calls = [
        event(0, "Pricing"),
        event(1, "pricing", kind="page"),
        event(2, "Home", kind="page"),
        event(3, "", kind="group", traits={"plan": "trial"}),
        event(4, "", kind="alias"),
        event(5, "Pricing", kind="screen"),
    ]

    assert [("keen", 1, 5), ("busy", 1, 5)] == fires(plan, calls)


def test_a_draft_is_not_judged() -> None:
    """Only in the tests of its file."""
    assert [] == fires(
        plan_of(RULE.replace("cooldown: 5d", "cooldown: 5d, status: draft")), days(0, 0.1, 0.2)
    )
