"""When a rule fires: on entering, once a cycle."""

from __future__ import annotations

from fakes.events import DAY, HOUR, event, group
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.step import step

RULE = """
signals:
  reports: {count: Report Created, within: 2d}
  ever: {count: Report Created}
rules:
  busy: {when: {signal: reports, at_least: 2}, cooldown: 5d, title: t, reason: r}
"""


def fires(plan: Plan, events: list[Event], subject: str = "a:acme") -> list[tuple[str, int, int]]:
    """Return (rule, cycle, index of the event) for every firing."""
    account = plan.account(subject)
    return [(f.rule.name, f.cycle, i) for i, one in enumerate(events) for f in step(plan, account, one)]


def days(*offsets: float) -> list[Event]:
    """Return a report at each offset in days."""
    return [event(i, at=int(offset * DAY)) for i, offset in enumerate(offsets)]


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


def test_a_trait_alone_can_make_a_rule_fire() -> None:
    """A group call that tells the plan is judged like any event."""
    plan = plan_of("rules: {trial: {when: {trait: Plan Name, is: trial}, title: t, reason: r}}")

    assert [("trial", 1, 1)] == fires(plan, [event(0), group(1, planName="trial", at=HOUR)])


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
