"""`changes` of a trait: what group and identify calls tell, again and again."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.events import DAY, HOUR, event, group, identify
from fakes.faulty_file import faults_of
from fakes.people import pack_of
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.explain import Explainer
from pql.engine.plan import Plan
from pql.engine.step import step
from pql.flows.witness import needs
from pql.rules.lint import lint
from pql.rules.load import parse
from pql.rules.source import Source

UPGRADES = "changes: plan, type: group, from: free, to: [plus, pro]"
RULES = "signals: {s: {%s}}\nrules: {r: {when: {signal: s, at_least: 1}, title: t, reason: r}}"
TESTS = """
tests:
  - {name: fires, timeline: [{0d traits: {plan: free}}, {1d traits: {plan: plus}}], expect: fires at 1d}
  - {name: silent, timeline: [{0d traits: {plan: plus}}], expect: silent}
"""


def told(plan: Plan, *history: Event, subject: str = "a:acme") -> Account:
    """Return the account after events in this order of arrival."""
    account = plan.account(subject)
    for one in history:
        step(plan, account, one)
    return account


def value(signal: str, *history: Event, subject: str = "a:acme") -> Any:
    """Return the signal's value after events in this order of arrival."""
    return told(plan_of(RULES % signal), *history, subject=subject).values[0]


def plans(*names: str, every: int = HOUR, begun: int = 0) -> list[Event]:
    """Return group calls that tell these plans, one after the other."""
    return [
        group((at, name), at=begun + at * every, user=f"user {at}", plan=name)
        for at, name in enumerate(names)
    ]


@pytest.mark.parametrize("within", ["", ", within: 30d", ", within: 48h"])
def test_an_upgrade_is_remembered_however_often_it_is_told(within: str) -> None:
    """A browser repeats its call on every page; what it tells is as old as the first time it was told."""
    calls = plans("free", *["plus"] * 500, every=HOUR // 60)
    account = told(plan_of(RULES % (UPGRADES + within)), *calls)
    held = account.aggregates[0]

    assert 1 == account.values[0]
    assert held is not None
    assert len(held.packed(account.clock, None)) < 2 * 24


@pytest.mark.parametrize(
    ("within", "every", "times"), [("400d", DAY, 399), ("168h", HOUR, 167), ("168h", HOUR // 4, 668)]
)
def test_what_stays_fills_no_memory_before_its_window_is_over(within: str, every: int, times: int) -> None:
    """However many buckets that has, and in every one of them the plan is told, once or again and again."""
    plan = plan_of(RULES % f"{UPGRADES}, within: {within}, keep: 2")
    account = told(plan, *plans("free", *["plus"] * times, every=every))

    assert 1 == account.values[0]
    assert not plan.signals[0].signal.is_floor(account.aggregates[0])


def test_a_call_that_comes_late_takes_its_place_among_those_that_repeat() -> None:
    """Nobody knew of the free plan when the others arrived."""
    free, *paid = plans("free", "plus", "plus", "plus")

    assert 0 == value(UPGRADES, *paid)
    assert 1 == value(UPGRADES, *paid, free)


def test_more_values_than_are_kept_are_forgotten_alike_in_every_order() -> None:
    """Those of a day before the window stay together: which of them is its last may yet change."""
    told = [(36, "c"), (44, "d"), (47, "b"), (50, "d"), (62, "c"), (66, "a"), (80, "c")]
    calls = [group(at, at=at * HOUR, received=4 * DAY, plan=name) for at, name in told]
    signal = "changes: plan, type: group, within: 2d, keep: 2"

    assert [3, 3] == [value(signal, *order) for order in (calls, calls[::-1])]


def test_the_same_call_again_tells_nothing_new() -> None:
    """Nor does another call at the same time that tells the same."""
    calls = plans("free", "plus")

    assert 1 == value(UPGRADES, *calls, group("again", at=HOUR, plan="plus"))


def test_there_and_back_is_two_changes_even_on_one_day() -> None:
    """And so is what comes after."""
    signal = "changes: plan, type: group, within: 30d"

    assert [1, 2, 3] == [value(signal, *plans("a", *rest)) for rest in ("b", "ba", "bac")]


def test_what_went_and_came_back_between_the_first_and_the_last_report_of_a_day_is_lost() -> None:
    """Once there and back is told; how often, only where the days differ."""
    signal = "changes: plan, type: group, within: 30d"

    assert 2 == value(signal, *plans(*"ababa"))
    assert 4 == value(signal, *plans(*"ababa", every=DAY))
    assert [0, 1] == [value(f"{signal}, from: {one}, to: c", *plans(*"abaca")) for one in "ab"]


def test_a_trait_is_called_as_in_conditions() -> None:
    """Case and spaces do not matter; no value is passed over, and of two spellings the first counts."""
    free = event(0, "", kind="group", traits={"Plan Name": "free", "plan": "pro"})
    plus = event(
        1, "", kind="group", at=HOUR, traits={"plan_name": None, "PlanName": "plus", "planName": "x"}
    )
    odd = event(2, "", kind="group", at=2 * HOUR, traits={"plan_name": ["x"]})

    assert 1 == value("changes: plan name, type: group, from: free, to: plus", free, plus, odd)
    assert 1 == value("changes: plan_name, type: group", free, plus, odd)


def test_calls_about_somebody_else_change_nothing() -> None:
    """What a person's call tells is not their account's; nor is an event's property of the same name."""
    calls = [
        identify(at, at=at * HOUR, account="acme", plan=plan) for at, plan in enumerate(("free", "plus"))
    ]
    events = [event(at, at=at, properties={"plan": plan}) for at, plan in enumerate(("free", "plus"))]

    assert 0 == value(UPGRADES, *calls, *events)
    assert 0 == value(UPGRADES, *calls, subject="u:ada")


def test_nobody_is_met_by_telling_traits() -> None:
    """Who is followed does not hang on whether a rule looks at traits."""
    with_it, without = (plan_of(RULES % signal) for signal in (UPGRADES, "count: any"))
    history = [*plans("free", "plus"), event("done", at=DAY)]

    assert [["ada"], ["ada"]] == [[*told(plan, *history).people] for plan in (with_it, without)]
    assert not told(with_it, *plans("free", "plus")).people


def test_a_signal_of_events_beside_it_remembers_the_same() -> None:
    """Whichever of the two is the newest."""
    body = RULES.replace("s: {%s}", "s: {count: any, within: 7d}, t: {%s}") % UPGRADES
    both = plan_of(
        body.replace("{signal: s, at_least: 1}", "{any: [{signal: s, is: no}, {signal: t, is: no}]}")
    )
    history = [*plans("free", "plus", every=DAY), event("late", at=HOUR), event("done", at=3 * DAY)]
    for order in (history, history[::-1]):
        account = told(both, *order)
        mine, theirs = account.aggregates

        assert mine is not None
        assert theirs is not None
        assert [3 * DAY, DAY] == [mine.at - history[0].time, theirs.at - history[0].time]
        assert [2, 1] == account.values[:2]


def test_rules_are_asked_once_about_the_trait_and_its_change() -> None:
    """Never while one of them is that of the call before."""
    plan = plan_of(
        "signals: {s: {changes: plan, type: group}}\n"
        "rules:\n"
        "  between:\n"
        "    {when: {all: [{signal: s, at_least: 1}, {trait: plan, is: free}]}, title: t, reason: r}\n"
        "  early: {when: {all: [{signal: s, less_than: 1}, {trait: plan, is: pro}]}, title: t, reason: r}\n"
        "  after: {when: {all: [{signal: s, at_least: 1}, {trait: plan, is: pro}]}, title: t, reason: r}\n"
    )
    account = plan.account("a:acme")

    fired = [one.rule.name for call in plans("free", "pro") for one in step(plan, account, call)]

    assert ["after"] == fired


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_rule_fires_by_the_call_that_completes_the_change(order: tuple[int, int]) -> None:
    """Also by a late one, which leaves the trait as it is."""
    plan = plan_of(RULES % UPGRADES)
    account = plan.account("a:acme")
    calls = plans("free", "plus")

    assert [0, 1] == [len(step(plan, account, calls[place])) for place in order]
    assert "plus" == account.traits["plan"][2]


def test_in_a_file_about_users_identify_calls_tell() -> None:
    """Of each person their own, whatever account the call names."""
    plan = Plan(
        pack_of("subject: user\n" + RULES % "changes: plan, type: identify, from: free, to: plus")
    ).of("p:ada")
    calls = [
        identify(at, at=at * HOUR, account="acme", plan=plan) for at, plan in enumerate(("free", "plus"))
    ]

    assert 1 == told(plan, *calls, subject="p:ada").values[0]
    assert [True, False] == [plan.concerns(one) for one in (calls[0], identify("else", email="a@b.test"))]


def test_what_was_forgotten_is_said() -> None:
    """With more values and days than it keeps there may have been more."""
    plan = plan_of(RULES % "changes: plan, type: group, keep: 3")
    signal = plan.signals[0].signal
    accounts = [told(plan, *plans(*names, every=30 * DAY)) for names in ("ab", "abc", "abca")]

    assert [1, 2, 2] == [account.values[0] for account in accounts]
    assert [False, True, True] == [signal.is_floor(account.aggregates[0]) for account in accounts]


@pytest.mark.parametrize(
    ("signal", "words", "want"),
    [
        (
            UPGRADES,
            "changes of plan from free to plus or pro",
            "1 change of plan from free to plus or pro",
        ),
        (
            "changes: seats, type: group, direction: up, within: 7d",
            "increases of seats in the last 7 days",
            "1 increase of seats",
        ),
    ],
)
def test_a_change_of_a_trait_reads_well(signal: str, words: str, want: str) -> None:
    """There is no event to name, on a card or where one is missing."""
    plan = plan_of(RULES % signal)
    (explained,) = Explainer(plan).explain(plan.account("a:acme"), 0).rules

    assert words == plan.signals[0].signal.words
    assert [want] == [one.words for one in explained.wants]


@pytest.mark.parametrize(
    ("signal", "fault"),
    [
        (
            f"{UPGRADES}, of: Plan Chosen",
            "r.yaml:1:14: group calls have neither names nor properties: leave out `of` and `where`",
        ),
        (
            f"{UPGRADES}, where: {{region: eu}}",
            "r.yaml:1:14: group calls have neither names nor properties: leave out `of` and `where`",
        ),
        ("changes: plan", "r.yaml:1:14: expected `of`, or `type: group` for a trait"),
        ("changes: plan, type: page", "r.yaml:1:14: expected `of`, or `type: group` for a trait"),
        ("count: any, type: group", "r.yaml:1:33: expected `track`, `page`, `screen` or `any`"),
    ],
)
def test_what_does_not_go_with_a_trait_is_refused(signal: str, fault: str) -> None:
    """At its place."""
    assert fault in "\n".join(faults_of(RULES % signal + TESTS))


@pytest.mark.parametrize(
    ("about", "call", "fault"),
    [
        (
            "account",
            "identify",
            "`identify` tells of users, and this file is about accounts: write `type: group`",
        ),
        ("user", "group", "`group` tells of accounts, and this file is about users: write `type: identify`"),
    ],
)
def test_calls_that_tell_of_others_are_refused(about: str, call: str, fault: str) -> None:
    """No such call would ever be heard."""
    text = f"subject: {about}\n" + RULES % f"changes: plan, type: {call}" + TESTS

    assert [f"r.yaml:2:36: {fault}"] == faults_of(text)


def test_a_story_in_which_somebody_else_is_told_of_is_refused() -> None:
    """The trait is one that the file looks at."""
    text = RULES % UPGRADES + TESTS + "  - {name: x, timeline: [{0d identify: {plan: x}}], expect: silent}"

    assert (
        "r.yaml:6:26: `identify` tells of people, and this file is about accounts: write `traits`"
        in faults_of(text)
    )


def test_a_file_with_one_loads_and_lint_and_watch_know_what_it_hears() -> None:
    """No name is unknown, and any group call is a sign of life."""
    text = RULES % UPGRADES + TESTS
    pack = parse({"r.yaml": text})

    assert [] == [*lint(pack, {"r.yaml": Source("r.yaml", text)}, {"track": {"a": "A"}})]
    assert ("group:*",) == needs(Plan(pack).signals[0])
