"""Who is near to a lead: nobody whom a bar or a trait keeps from it."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, event, group
from fakes.people import pack_of
from pql.backtest.course import Miss
from pql.backtest.rerun.nearest import KEPT
from pql.backtest.rerun.rerun import rerun
from pql.core.event import Event

SIGNALS = "signals: {reports: {count: Report Created}, orders: {count: Order Completed}}\n"
THREE = "{signal: reports, at_least: 3}"
RULE = "rules: {{busy: {{when: {when}, {more} title: t, reason: r}}}}\n"


def misses(rules: str, events: list[Event]) -> list[Miss]:
    """Return the misses of the only rule."""
    ordered = sorted(events, key=lambda one: one.received)
    return rerun(pack_of(SIGNALS + rules), ordered, horizon=7 * DAY, conversions=()).misses


def came(account: str, reports: int, orders: int = 0, **traits: object) -> list[Event]:
    """Return what an account of these traits did."""
    done = [event((account, "r", at), at=HOUR + at, account=account) for at in range(reports)]
    done += [event((account, "o", at), "Order Completed", at=HOUR, account=account) for at in range(orders)]
    return [*([group(account, account, at=0, **traits)] if traits else []), *done]


@pytest.mark.parametrize(
    "rules",
    [
        RULE.format(when=THREE, more="unless: {signal: orders, at_least: 1},"),
        RULE.format(when=THREE, more="") + "suppress: [{signal: orders, at_least: 1}]\n",
    ],
)
def test_whom_a_bar_holds_back_is_not_near(rules: str) -> None:
    """However many conditions hold: a customer is not about to become a lead."""
    events = [*came("customer", 2, orders=1), *came("held", 3, orders=1), *came("near", 2), *came("far", 1)]

    assert ["a:near", "a:far"] == [one.subject for one in misses(rules, events)]


@pytest.mark.parametrize(
    "when",
    [
        f"{{all: [{THREE}, {{trait: plan, is: trial}}]}}",
        f"{{all: [{THREE}, {{not: {{trait: plan, in: [paid, gone]}}}}]}}",
        f"{{all: [{THREE}, {{any: [{{trait: plan, is: trial}}, {{trait: plan, is: free}}]}}]}}",
    ],
)
def test_whom_a_trait_excludes_is_not_near(when: str) -> None:
    """Of an unknown plan nobody knows; a number of seats may grow."""
    events = [*came("paid", 3, plan="paid"), *came("trial", 2, plan="trial"), *came("far", 1, plan="trial")]
    seats = f"{{all: [{THREE}, {{trait: seats, at_least: 5}}]}}"

    assert ["a:trial", "a:far"] == [one.subject for one in misses(RULE.format(when=when, more=""), events)]
    assert ["a:small"] == [
        one.subject for one in misses(RULE.format(when=seats, more=""), came("small", 2, seats=4))
    ]


def test_of_those_as_near_as_each_other_the_same_are_kept_whoever_came_first() -> None:
    """By their keys, so that several processes tell what one does."""
    crowd = [came(f"x{at:02}", 1) for at in range(KEPT + 2)]
    rule = RULE.format(when=THREE, more="")
    kept = [
        [one.subject for one in misses(rule, [one for several in ordered for one in several])]
        for ordered in (crowd, crowd[::-1])
    ]

    assert [[f"a:x{at:02}" for at in range(KEPT)]] * 2 == kept


def test_whoever_has_brought_a_lead_is_no_miss_of_the_account_they_joined() -> None:
    """Though it has come near again by now."""
    had = [event(("ada", at), at=at, account=None) for at in range(3)]
    joined = [*had, group("joins", at=DAY), event("again", at=9 * DAY), *came("other", 2)]
    rule = RULE.format(when="{signal: fresh, at_least: 3}", more="")
    signals = "signals: {fresh: {count: Report Created, within: 2d}}\n"
    course = rerun(
        pack_of(signals + rule), sorted(joined, key=lambda one: one.received), horizon=7 * DAY, conversions=()
    )

    assert ["u:ada"] == [one.subject for one in course.qualified]
    assert "a:acme" not in [one.subject for one in course.misses]


def test_those_who_cannot_take_nobodys_place() -> None:
    """Ten are kept, and twelve who cannot leave room for all of those who can."""
    events = [one for at in range(12) for one in came(f"paid{at}", 2, plan="paid")]
    events += [one for at in range(KEPT + 1) for one in came(f"trial{at:02}", 1, plan="trial")]
    found = misses(RULE.format(when=f"{{all: [{THREE}, {{trait: plan, is: trial}}]}}", more=""), events)

    assert [f"a:trial{at:02}" for at in range(KEPT)] == [one.subject for one in found]
