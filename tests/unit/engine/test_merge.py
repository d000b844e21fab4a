"""The merge: an account that takes what was counted elsewhere is as if it had seen it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.histories import histories, packs
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.account import PEOPLE_KEPT, UNKNOWN, Account
from pql.engine.merge import FOREIGN_COPIES, merge
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step

PLAN = plan_of()
ACME, ADA, DEVICE = "a:acme", "u:ada", "n:x"
CAUSE = group("cause", at=30 * DAY)


def told(plan: Plan, subject: str, history: list[Event]) -> Account:
    """Return the stored account of a history, read again."""
    account = plan.account(subject)
    for one in history:
        step(plan, account, one)
    return unpack(plan, subject, pack(plan, account))


def bare(plan: Plan, account: Account) -> bytes:
    """Return the account's bytes without its standings, which depend on when rules are judged."""
    account.standings = {}
    return pack(plan, account)


def check_split(plan: Plan, history: list[Event], is_theirs: Callable[[int], bool]) -> None:
    """Check that two parts of a history, merged, are the whole, byte for byte."""
    mine = [e for i, e in enumerate(history) if e.type == "group" or not is_theirs(i)]
    theirs = [e for i, e in enumerate(history) if e.type != "group" and is_theirs(i)]
    cause = event("cause", "Nothing", at=max((e.received for e in history), default=0) - 1_735_689_600_000)
    whole = told(plan, ACME, history)
    merged = told(plan, ACME, mine)
    merge(plan, merged, told(plan, ADA, theirs), cause)

    assert bare(plan, whole) == bare(plan, merged)
    assert unpack(plan, ACME, pack(plan, whole)).values == merged.values


@given(histories(), st.integers(0, 2**40))
@settings(max_examples=examples(54))
def test_two_parts_of_a_history_merge_to_the_whole(history: list[Event], split: int) -> None:
    """Signals, people, traits and clock are those of an account that saw everything itself."""
    check_split(PLAN, history, lambda index: bool(split >> index & 1))


@given(packs(), histories(), st.integers(0, 2**40))
@settings(max_examples=examples(54))
def test_no_rules_make_the_split_matter(text: str, history: list[Event], split: int) -> None:
    """Whatever windows and bounds a pack mixes."""
    check_split(plan_of(text), history, lambda index: bool(split >> index & 1))


def test_people_are_the_same_sixteen_whoever_counted_them() -> None:
    """The fixed choice is made among the people of both."""
    history = [event(index, user=f"user {index}", at=index) for index in range(40)]

    check_split(PLAN, history, lambda index: index % 2 == 0)
    check_split(PLAN, history, lambda _: True)
    check_split(PLAN, history[:20], lambda index: index % 2 == 0)
    assert PEOPLE_KEPT == len(told(PLAN, ACME, history).people)


def test_a_rule_that_comes_to_hold_fires_by_the_event_that_brought_both_together() -> None:
    """Once, at its time; what holds already stays silent."""
    account = told(PLAN, ACME, [event(1, at=29 * DAY)])
    other = told(PLAN, ADA, [event(2, at=29 * DAY), event(3, at=29 * DAY)])
    fired = merge(PLAN, account, other, CAUSE)
    again = merge(PLAN, account, told(PLAN, ADA, [event(4, at=29 * DAY)]), CAUSE)

    assert [("busy", CAUSE, CAUSE.received, 1)] == [(f.rule.name, f.event, f.at, f.cycle) for f in fired]
    assert [] == [one.rule.name for one in again if one.rule.name == "busy"]


def test_what_has_left_its_window_by_then_is_not_brought() -> None:
    """Both are looked at as of the later clock."""
    merged = told(PLAN, ACME, [event(1, at=29 * DAY)])
    merge(PLAN, merged, told(PLAN, ADA, [event(2), event(3)]), CAUSE)

    assert [1, 3] == merged.values[:2]  # `reports` of seven days, `reports_ever`


def test_a_lead_of_the_user_counts_as_the_accounts_where_that_has_had_none() -> None:
    """With its cycle and its cooldown; an account that has had one stands as it did."""
    busy = [event(i, at=29 * DAY) for i in range(3)]
    account = told(PLAN, ACME, [])
    fired = merge(PLAN, account, told(PLAN, ADA, busy), CAUSE)
    later = told(PLAN, ACME, [event(10 + i, at=28 * DAY) for i in range(3)])
    before = later.standings[0]
    merge(PLAN, later, told(PLAN, ADA, busy), CAUSE)

    assert [] == [one.rule.name for one in fired if one.rule.name == "busy"]
    assert (1, START + 29 * DAY, False) == account.standings[0][:3]
    assert before[:2] == later.standings[0][:2]


def test_a_lead_of_the_user_that_does_not_hold_of_the_account_is_over() -> None:
    """The rule fires once it holds of the account, whether that was stored in between or not."""
    plan = plan_of(
        "signals: {reports: {count: Report Created}}\n"
        "rules:\n"
        "  r:\n"
        "    when: {all: [{signal: reports, at_least: 1}, {not: {trait: plan, is: paid}}]}\n"
        "    cooldown: 1d\n"
        "    title: t\n"
        "    reason: r\n"
    )
    account = told(plan, ACME, [group("g", plan="paid")])
    merge(plan, account, told(plan, ADA, [event(1)]), group("h", at=HOUR))
    read_again = unpack(plan, ACME, pack(plan, account))
    fired = [step(plan, one, group("i", at=3 * DAY, plan="free")) for one in (account, read_again)]

    assert [[2], [2]] == [[one.cycle for one in each] for each in fired]


def test_an_account_behind_a_baseline_takes_no_lead_of_a_user() -> None:
    """What it had done before the rule was there is no news by whoever comes to it."""
    old, new = (
        plan_of(REPORTS),
        plan_of(REPORTS.replace("r: {when: {signal: a, at_least: 99}", "s: {when: {signal: a, at_least: 1}")),
    )
    account = unpack(new, ACME, pack(old, told(old, ACME, [event(1)])))
    merge(new, account, told(new, ADA, [event(2)]), group("g", at=HOUR))

    assert (0, False) == (account.standings[0].cycle, account.standings[0].armed)


@pytest.mark.parametrize("mine", [5, 6])
def test_clock_people_and_traits_are_those_of_both(mine: int) -> None:
    """Whichever was there last, and though the call that joins them was received before."""
    ada = told(PLAN, ADA, [event(1, at=mine * HOUR)])
    anonymous = {"user": None, "anonymous": "x"}
    device = told(
        PLAN, DEVICE, [identify("i", plan="trial", at=HOUR, **anonymous), event(2, at=(11 - mine) * HOUR)]
    )
    merge(PLAN, ada, device, identify("j", at=2 * HOUR))

    assert [START + 6 * HOUR] * 3 == [ada.clock, ada.newest, ada.people["ada"].last]
    assert (2, "trial") == (ada.people["ada"].events, ada.values[PLAN.traits["plan"]])


@pytest.mark.parametrize(("mine", "expected"), [([event(1)], [START + 2 * DAY]), ([], [])])
def test_what_time_had_made_true_before_comes_first(mine: list[Event], expected: list[int]) -> None:
    """At its moment; what it had made true of who comes is a lead of theirs."""
    plan = plan_of(
        "signals: {idle: {days_since: any}}\n"
        "rules: {quiet: {when: {signal: idle, at_least: 2}, title: t, reason: r}}"
    )
    account = told(plan, ACME, mine)
    fired = merge(plan, account, told(plan, ADA, [event(2)]), group("g", at=5 * DAY))

    assert (expected, 1) == ([one.at for one in fired], account.standings[0].cycle)


def test_an_account_that_nothing_was_known_of_is_asked_at_once() -> None:
    """By all rules: those that the one who comes has never been asked about fire by the call."""
    old = plan_of(REPORTS)
    new = plan_of(
        "signals: {a: {count: Report Created, within: 7d}}\n"
        "rules: {s: {when: {signal: a, at_least: 1}, baseline: none, title: t, reason: r}}"
    )
    ada = unpack(new, ADA, pack(old, told(old, ADA, [event(1)])))
    fired = merge(new, new.account(ACME), ada, group("g", at=HOUR))

    assert ["s"] == [one.rule.name for one in fired]


def test_an_account_takes_no_traits_of_a_person() -> None:
    """What identify calls say of somebody is not true of their company."""
    account = told(PLAN, ACME, [group("g", plan="trial")])
    merge(PLAN, account, told(PLAN, ADA, [identify("i", at=HOUR, plan="paid", name="Ada")]), CAUSE)

    assert {"plan": "trial"} == {name: news[2] for name, news in account.traits.items()}


def test_a_user_takes_the_newest_traits_of_their_device() -> None:
    """It was the same person all along."""
    ada = told(PLAN, ADA, [identify("i", at=HOUR, plan="trial")])
    anonymous = {"user": None, "anonymous": "x"}
    device = told(
        PLAN, DEVICE, [identify("j", at=0, plan="free", **anonymous), identify("k", name="Ada", **anonymous)]
    )
    merge(PLAN, ada, device, identify("l", at=2 * HOUR))

    assert {"plan": "trial", "name": "Ada"} == {name: news[2] for name, news in ada.traits.items()}


REPORTS = """
signals: {a: {count: Report Created, within: 7d}}
rules: {r: {when: {signal: a, at_least: 99}, title: t, reason: r}}
"""
INVITES = """
signals: {b: {count: Invite Sent}}
rules: {s: {when: {signal: b, at_least: 99}, title: t, reason: r}}
"""


def test_what_other_rules_remember_is_carried_and_added_up_by_them() -> None:
    """A fold in the minutes of a deployment loses nothing of what only the other side knows."""
    reports, invites = plan_of(REPORTS), plan_of(INVITES)
    account = unpack(invites, ACME, pack(reports, told(reports, ACME, [event(1), event(2)])))
    other = unpack(invites, ADA, pack(reports, told(reports, ADA, [event(3, at=DAY)])))
    merge(invites, account, other, group("g", at=2 * DAY))

    assert [3] == unpack(reports, ACME, pack(invites, account)).values[:1]


def test_what_was_carried_leaves_its_window_all_the_same() -> None:
    """Also when only the one that was brought still holds something."""
    latest = plan_of(
        REPORTS.replace("count: Report Created, within: 7d", "latest: amount, of: any, within: 1d")
    )
    invites = plan_of(INVITES)
    old = told(latest, ACME, [event(1, properties={"amount": 5}), event(2, at=3 * DAY)])
    new = told(latest, ADA, [event(3, at=3 * DAY, properties={"amount": 7})])
    account = unpack(invites, ACME, pack(latest, old))
    merge(invites, account, unpack(invites, ADA, pack(latest, new)), group("g", at=3 * DAY))
    again = unpack(latest, ACME, pack(invites, account))
    held = again.values[0]
    step(latest, again, event(4, at=9 * DAY))

    assert [None, 7, None] == [old.values[0], held, again.values[0]]


@pytest.mark.parametrize("signal", ["latest: amount, of: any", "unfollowed: Report Created, by: Other"])
def test_what_only_the_older_of_both_had_does_not_keep_it_due(signal: str) -> None:
    """Where the newest alone is kept, time has something to do when that leaves, and not before."""
    plan = plan_of(REPORTS.replace("count: Report Created, within: 7d", f"{signal}, within: 2d"))
    old, new = (event(day, at=day * DAY, properties={"amount": day}) for day in (0, 1))
    account = told(plan, ACME, [old])
    merge(plan, account, told(plan, ADA, [new]), group("g", at=DAY))
    step(plan, account, event("later", "Nothing", kind="page", at=2 * DAY))

    assert START + 3 * DAY == account.due


@pytest.mark.parametrize("mine", [0, 1])
def test_what_either_had_leaves_the_window_at_its_own_time(mine: int) -> None:
    """The older first, whoever brought it."""
    plan = plan_of(REPORTS.replace("within: 7d", "within: 2d"))
    account = told(plan, ACME, [event(1, at=mine * DAY)])
    merge(plan, account, told(plan, ADA, [event(2, at=(1 - mine) * DAY)]), group("g", at=DAY))
    counts = []
    for day in (1, 2, 3):
        step(plan, account, event(("later", day), "Nothing", kind="page", at=day * DAY))
        counts += account.values[:1]

    assert [2, 1, 0] == counts


def test_users_cannot_fill_an_account_with_what_no_rule_reads() -> None:
    """Of each signal of other rules the newest few memories are kept."""
    reports, invites = plan_of(REPORTS), plan_of(INVITES)
    account = invites.account(ACME)
    for index in range(FOREIGN_COPIES + 5):
        state = pack(reports, told(reports, ADA, [event(index, at=index * HOUR)]))
        merge(invites, account, unpack(invites, ADA, state), group(("g", index), at=index * HOUR))

    assert [FOREIGN_COPIES] == unpack(reports, ACME, pack(invites, account)).values[:1]


def test_of_what_no_rule_reads_the_newest_is_kept() -> None:
    """Whoever looks at it again finds what was said last."""
    levels, invites = (
        plan_of(REPORTS.replace("count: Report Created, within: 7d", "latest: amount, of: any")),
        plan_of(INVITES),
    )
    account = invites.account(ACME)
    for index in range(FOREIGN_COPIES + 5):
        state = pack(levels, told(levels, ADA, [event(index, at=index * HOUR, properties={"amount": index})]))
        merge(invites, account, unpack(invites, ADA, state), group(("g", index), at=index * HOUR))

    assert [FOREIGN_COPIES + 4] == unpack(levels, ACME, pack(invites, account)).values[:1]


def test_a_lead_that_came_along_is_one_for_rules_that_look_at_it() -> None:
    """As if the account had made it, for as long as they say."""
    plan = plan_of(
        """
signals: {reports: {count: Report Created}}
rules:
  base: {when: {signal: reports, at_least: 1}, title: t, reason: r}
  trial: {when: {all: [{rule: base, fired_within: 2d}, {trait: plan, is: trial}]}, title: t, reason: r}
"""
    )
    account = told(plan, ACME, [group("t", at=HOUR, plan="trial")])
    fired = merge(plan, account, told(plan, ADA, [event(1)]), group("g", at=DAY))

    assert ["trial"] == [one.rule.name for one in fired]


def test_leads_of_rules_that_nobody_here_knows_come_along_too() -> None:
    """Another deployment at the same time, or the next, finds them and makes no second one."""
    keen = plan_of(
        "signals: {reports: {count: Report Created}}\n"
        "rules: {keen: {when: {signal: reports, at_least: 1}, title: t, reason: r}}"
    )
    other = plan_of(
        "signals: {reports: {count: Report Created}}\n"
        "rules: {other: {when: {signal: reports, at_least: 9}, title: t, reason: r}}"
    )
    account = unpack(other, ACME, pack(keen, told(keen, ACME, [])))
    merge(other, account, unpack(other, ADA, pack(keen, told(keen, ADA, [event(1)]))), group("g", at=DAY))
    again = unpack(keen, ACME, pack(other, account))

    assert (1, START) == again.standings[0][:2]


@pytest.mark.parametrize("mine", [[], [group("p", plan="paid")], [group("p", plan="paid"), event(1)]])
@pytest.mark.parametrize("is_lead", [True, False])
def test_what_comes_along_does_not_hang_on_whether_the_rule_is_known_here(
    mine: list[Event], *, is_lead: bool
) -> None:
    """A lead does, also to whom was kept from one; standing behind a baseline, to whom did nothing yet."""
    text = (
        "signals: {reports: {count: Report Created}}\n"
        "rules:\n"
        "  NAME:\n"
        "    {when: {signal: reports, at_least: 1}, unless: {trait: plan, is: paid}, title: t, reason: r}\n"
    )
    keen, other = plan_of(text.replace("NAME", "keen")), plan_of(text.replace("NAME", "other"))
    theirs = told(keen if is_lead else other, ADA, [event(2)])
    theirs = unpack(keen, ADA, pack(keen if is_lead else other, theirs))
    stands = []
    for here in (keen, other):
        account, came = (
            unpack(here, one.subject, pack(keen, one)) for one in (told(keen, ACME, mine), theirs)
        )
        merge(here, account, came, group("g", at=DAY))
        standing = unpack(keen, ACME, pack(here, account)).standings.get(0, UNKNOWN)
        stands.append((standing.cycle, standing.armed))

    assert [(int(is_lead), not is_lead and bool(mine))] * 2 == stands
