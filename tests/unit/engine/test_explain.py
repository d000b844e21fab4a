"""What an explanation says of one rule: how it stands, what holds it back, and what is missing."""

from __future__ import annotations

import time

import pytest

from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.core.event import Event
from pql.core.plain_words import demanded
from pql.core.window import MINUTE
from pql.engine.explain import Explained, Explainer
from pql.engine.offers import Offer, cheapest
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import step, wake
from pql.engine.wants import Want, ahead, soon

SIGNALS = """
signals:
  reports: {count: Report Created, label: reports}
  recent: {count: Report Created, within: 2d, label: recent reports}
  seats: {latest: seats, of: any}
  quiet: {days_since: any, label: days of silence}
  finished: {sequence: [Report Created, Report Finished], within: 2d, label: finished}
  dull: {trend: any, within: 2d}
"""
FIELDS = "title: t, reason: r"
NOW = 10 * DAY


def explained(plan: Plan, history: list[Event], now: int = NOW) -> dict[str, Explained]:
    """Return the explanations after a history, by rule."""
    account = plan.account("a:acme")
    for one in history:
        step(plan, account, one)
    wake(plan, account, START + now)
    return {one.rule: one for one in Explainer(plan).explain(account, START + now).rules}


def the_rule(text: str, *history: Event, now: int = NOW) -> Explained:
    """Return the explanation of the only rule, given in braces, with the usual signals."""
    return explained(plan_of(f"{SIGNALS}\nrules: {{one: {{{text}, {FIELDS}}}}}"), [*history], now)["one"]


REPORT = event("report", at=9 * DAY)
TRIAL = group("trial", at=8 * DAY, plan="trial", ended="2025-01-08")


def test_a_lead_is_qualified_and_says_when_another_can_be() -> None:
    """With its cycle, its time, the end of its cooldown and what lets the rule fire again."""
    one = the_rule("when: {signal: reports, at_least: 1}, cooldown: 5d, requalify: {after: 9d}", REPORT)

    assert ("qualified", 1, START + 9 * DAY, START + 14 * DAY) == (
        one.state, one.cycle, one.fired, one.cooldown_until,
    )  # fmt: skip
    assert [
        "no other lead in its cooldown, which is over in 4 days, on 15 Jan 2025, 00:00 UTC",
        "another lead is possible once it has ceased to hold or from 19 Jan 2025, 00:00 UTC on",
    ] == one.reasons


def test_what_holds_again_waits_for_its_cooldown() -> None:
    """The condition had ceased to hold and holds again: only the cooldown is left."""
    later = event("again", at=NOW)
    one = the_rule("when: {signal: recent, at_least: 1}, cooldown: 20d", event("first"), later)

    assert ("held_back", 1.0, []) == (one.state, one.nearness, one.wants)
    assert [
        "no other lead in its cooldown, which is over in 10 days, on 21 Jan 2025, 00:00 UTC"
    ] == one.reasons


def test_what_bars_a_rule_is_named_and_must_end() -> None:
    """`unless` is met: the trait that must change is what is wanted."""
    one = the_rule("when: {signal: reports, at_least: 1}, unless: {trait: plan, is: trial}", TRIAL, REPORT)

    assert ("held_back", True, True, 0.5) == (one.state, one.met, one.barred, one.nearness)
    assert ["`unless` keeps it from firing: plan: trial"] == one.reasons
    assert ["plan not to be trial (it is trial)"] == [want.words for want in one.wants]


def test_what_suppresses_all_rules_is_named() -> None:
    """`suppress` of whatever file is looked at like `unless`."""
    plan = plan_of(
        SIGNALS
        + f"suppress: [{{trait: plan, is: trial}}]\nrules: {{one: {{when: {{signal: reports, at_least: 1}}, {FIELDS}}}}}"
    )
    one = explained(plan, [TRIAL, REPORT])["one"]

    assert ("held_back", ["`suppress` keeps it from firing: plan: trial"]) == (
        one.state,
        one.reasons,
    )


STATUSES = [
    ("draft", "held_back", "it is a draft: only the tests in its file run it"),
    ("shadow", "qualified", "it is in shadow: its leads are kept and not announced"),
    ("canary 1%", "qualified", "it is announced to a canary 1% of all accounts, and this is not one of them"),
]


@pytest.mark.parametrize(("status", "state", "reason"), STATUSES)
def test_a_rule_that_announces_nothing_says_so(status: str, state: str, reason: str) -> None:
    """Drafts, shadows and canaries elsewhere are the first reason there is."""
    one = the_rule(f"when: {{signal: reports, at_least: 1}}, status: {status}", REPORT)

    assert (state, reason) == (one.state, one.reasons[0])


def test_an_account_from_before_the_rule_is_its_baseline() -> None:
    """It held when the rule was first looked at: no lead is made of that."""
    before = plan_of(f"{SIGNALS}\nrules: {{old: {{when: {{signal: seats, at_least: 9}}, {FIELDS}}}}}")
    after = plan_of(f"{SIGNALS}\nrules: {{one: {{when: {{signal: reports, at_least: 1}}, {FIELDS}}}}}")
    account = before.account("a:acme")
    step(before, account, REPORT)
    account = unpack(after, "a:acme", pack(before, account))
    (one,) = Explainer(after).explain(account, START + NOW).rules

    assert ("held_back", True) == (one.state, one.met)
    assert [
        "it held already when the rule was first looked at, 10 Jan 2025, 00:00 UTC (baseline silent)"
    ] == one.reasons


def test_what_held_already_when_a_rule_was_changed_must_cease_to() -> None:
    """Neither time nor new evidence makes a lead of it, so that neither is promised."""
    text = f"{SIGNALS}\nrules: {{one: {{when: {{signal: recent, at_least: %d}}, cooldown: 1d, REQUALIFY, {FIELDS}}}}}"
    text = text.replace("REQUALIFY", "requalify: {after: 9d, signal: recent, more: 2}")
    before, after = (plan_of(text % bound) for bound in (2, 1))
    account = before.account("a:acme")
    for at in (0, HOUR, 4 * DAY):
        step(before, account, event(at, at=at))
    account = unpack(after, "a:acme", pack(before, account))
    (one,) = Explainer(after).explain(account, account.clock).rules

    assert ("held_back", 1) == (one.state, one.cycle)
    assert ["another lead is possible once it has ceased to hold"] == one.reasons


WANTS = [
    ("{signal: reports, at_least: 3}", "2 more reports"),
    ("{signal: recent, at_least: 3}", "2 more recent reports in the next 24 hours"),
    ("{signal: recent, less_than: 1}", "recent reports in the last 2 days: less than 1 by itself in 24 hours, on 12 Jan 2025, 00:00 UTC"),
    ("{signal: quiet, at_least: 5}", "days of silence: at least 5 by itself in 4 days, on 15 Jan 2025, 00:00 UTC"),
    ("{signal: seats, at_least: 5}", "latest seats of any event to be at least 5 (it is not known)"),
    ("{trait: plan, starts_with: paid}", "plan to start with paid (it is trial)"),
    ("{trait: plan, exists: false}", "plan to be absent (it is trial)"),
    ("{not: {signal: reports, at_least: 1}}", "reports to fall from 1 to less than 1, and what was counted stays counted"),
    ("{all: [{signal: reports, at_least: 2}, {signal: reports, more_than: 3}]}", "3 more reports"),
    ("{until: ended, at_most: 3d}", "ended to be a date to come (it was 3 days ago)"),
    ("{signal: finished, at_least: 1}", "finished: once in the next 24 hours (begun already: Report Finished completes it)"),
    ("{signal: dull, at_least: 2}", "growth of all events in 2 days over the 2 days before to be at least 2 (there was too little before)"),
    ("{since: signed_up, at_least: 3d}", "days since signed_up to be at least 3 (it is not known)"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "words"), WANTS)
def test_what_is_missing_is_said_as_a_person_would(condition: str, words: str) -> None:
    """How much more, until when it still counts, what must change, or when it comes by itself."""
    one = the_rule(f"when: {condition}", TRIAL, REPORT)

    assert [words] == [want.words for want in one.wants]


STUCK = [
    ((8, 6, 6), "10", "not rising, at 6 of 10"),
    ((6,), "10", "reported only once, at 6 of 10"),
    ((6, 7), "seat_limit", "at 7, and seat_limit is no number"),
]


@pytest.mark.parametrize(("levels", "limit", "told"), STUCK)
def test_a_forecast_that_says_no_day_says_why_and_how_near_it_is(
    levels: tuple[int, ...], limit: str, told: str
) -> None:
    """The level is known, and so is the limit: only when the one reaches the other is not."""
    reports = [event(n, at=n * DAY, properties={"seats": level}) for n, level in enumerate(levels, 1)]
    signals = "signals: {level: {gauge: seats, of: any, within: 30d, label: seats}}"
    rule = f"rules: {{one: {{when: {{forecast: level, reaches: {limit}, within: 3d}}, {FIELDS}}}}}"
    one = explained(plan_of(f"{signals}\n{rule}"), reports)["one"]

    assert [told] == [operand.value for operand in one.operands]
    assert [f"days until seats reaches {limit} to be at most 3 (it is {told})"] == [
        want.words for want in one.wants
    ]


def test_an_account_that_did_nothing_has_come_nowhere() -> None:
    """What holds for everybody, and that nothing bars it, is no part of the way; the first step is."""
    rule = "when: {all: [{signal: reports, at_least: 2}, {signal: recent, less_than: 9}]}, unless: {trait: plan, is: paid}"
    other = event("other", "Other", at=9 * DAY)

    assert [0.0, 0.5] == [the_rule(rule, one).nearness for one in (other, REPORT)]


def test_the_deadline_is_when_the_first_of_all_that_counts_ceases_to() -> None:
    """What holds already may leave before what is missing does, and take points with it."""
    text = f"""
signals:
  reports: {{count: Report Created, within: 3d, label: reports}}
  people: {{distinct: users, of: any, within: 9d, label: people}}
  ever: {{count: Thing Done, label: things}}
scores: {{points: [{{points: 20, when: {{signal: reports, at_least: 1}}}}, {{points: 5, per: ever, up_to: 20}}]}}
rules:
  both: {{when: {{all: [{{signal: reports, at_least: 1}}, {{signal: people, at_least: 3}}]}}, {FIELDS}}}
  scored: {{when: {{score: points, at_least: 25}}, {FIELDS}}}
"""
    found = explained(plan_of(text), [REPORT])
    leaves = START + 12 * DAY

    assert [("2 more people in the next 2 days", leaves)] == [
        (want.words, want.until) for want in found["both"].wants
    ]
    assert [("5 more points of points: 1 thing in the next 2 days (+5)", leaves)] == [
        (want.words, want.until) for want in found["scored"].wants
    ]


def test_points_that_are_decimals_are_brought_by_as_many_as_make_them_up() -> None:
    """2.1 divided by 0.15 is 14, however it is computed."""
    text = f"""
signals: {{ever: {{count: Thing Done, label: things}}}}
scores: {{points: [{{points: 0.15, per: ever, up_to: 9}}]}}
rules: {{scored: {{when: {{score: points, at_least: 2.1}}, {FIELDS}}}}}
"""

    assert ["2.1 more points of points: 14 things (+2.1)"] == [
        want.words for want in explained(plan_of(text), [REPORT])["scored"].wants
    ]


def test_a_rule_that_is_held_open_wants_its_end_first() -> None:
    """What `until` asks for has not been seen: nothing else makes another lead."""
    rule = "when: {signal: recent, at_least: 2}, until: {signal: seats, at_most: 1}, cooldown: 1d"
    seats = event("seats", "Other", at=1, properties={"seats": 8})
    one = the_rule(rule, event(1, at=1), event(2, at=2), seats)

    assert [
        "latest seats of any event to fall from 8 to at most 1",
        "then again recent reports in the last 2 days at least 2",
    ] == [want.words for want in one.wants]
    assert ["once this has been seen: latest seats of any event is at most 1"] == [
        reason.partition("possible ")[2] for reason in one.reasons if "possible" in reason
    ]


def test_an_exit_is_told_as_it_is_joined_and_without_what_is_behind_a_score() -> None:
    """A part of a score need not be as it is, and one of several ways is enough."""
    score = "scores: {keen: [{points: 5, when: {signal: reports, at_least: 9}}]}"
    until = "{any: [{score: keen, less_than: 1}, {all: [{trait: plan, is: paid}, {trait: sso, is: true}]}]}"
    rule = f"rules: {{one: {{when: {{signal: recent, at_least: 1}}, until: {until}, {FIELDS}}}}}"
    one = explained(plan_of(f"{SIGNALS}\n{score}\n{rule}"), [REPORT])["one"]

    assert ["score keen is less than 1 or (plan is paid and sso is true)"] == [
        reason.partition("seen: ")[2] for reason in one.reasons if "possible" in reason
    ]


def test_the_days_since_a_moment_ago_are_none() -> None:
    """A millisecond is no number of days that anybody reads."""
    one = the_rule("when: {signal: quiet, at_least: 3}", event("now", at=NOW - 3_000))

    assert [0.0] == [operand.value for operand in one.operands]


def test_very_many_ways_are_looked_through_in_no_time() -> None:
    """Ten times ten alternatives on values of their own, and as many on one value."""
    apart = ", ".join(
        f"{{any: [{', '.join(f'{{trait: t{n}{m}, is: x}}' for m in range(10))}]}}" for n in range(10)
    )
    same = ", ".join(
        f"{{any: [{', '.join(f'{{trait: t, is: x{m}}}' for m in range(10))}]}}" for n in range(10)
    )
    began = time.process_time()

    assert 256 == the_rule(f"when: {{all: [{apart}]}}").ways
    assert 10 == the_rule(f"when: {{all: [{same}]}}").ways
    assert time.process_time() - began < 2.5


def test_a_contradiction_asks_for_nothing() -> None:
    """No value passes both: the rule can never hold, and is as far away as can be."""
    one = the_rule("when: {all: [{signal: reports, at_least: 5}, {signal: reports, less_than: 2}]}", REPORT)

    assert (False, 0.0, [], 0) == (one.possible, one.nearness, one.wants, one.ways)


def test_of_several_ways_the_nearest_is_told() -> None:
    """A branch that conflicts with the rest of the rule is not one of them."""
    one = the_rule(
        "when: {all: [{any: [{signal: reports, at_least: 3}, {signal: seats, at_least: 9}, {trait: plan, is: pro}]},"
        " {signal: reports, less_than: 3}]}",
        event("seats", "Other", at=9 * DAY, properties={"seats": 8}),
    )

    assert (["latest seats of any event to rise from 8 to at least 9"], 2) == (
        [want.words for want in one.wants], one.ways,
    )  # fmt: skip


def test_leads_stand_first_and_then_what_is_nearest() -> None:
    """That is the order in which somebody with ten minutes reads."""
    bounds = {"far": 9, "lead": 1, "near": 2, "middle": 4}
    rules = ", ".join(
        f"{name}: {{when: {{signal: reports, at_least: {n}}}, {FIELDS}}}" for name, n in bounds.items()
    )
    found = explained(plan_of(f"{SIGNALS}\nrules: {{{rules}}}"), [REPORT])

    assert ["lead", "near", "middle", "far"] == list(found)
    assert [1.0, 0.5, 0.25, 0.111] == [one.nearness for one in found.values()]


def offer(points: float, effort: float) -> Offer:
    """Return an offer."""
    return Offer(points, effort, Want("more", f"{points} for {effort}", "x"))


def test_the_cheapest_offers_bring_enough() -> None:
    """Least effort in all, one of each group; nothing if all of them are not enough."""
    groups = [[offer(10, 0.2), offer(20, 0.5)], [offer(15, 0.4)], [offer(30, 0.9)]]

    assert [(), (10,), (20,), (10, 15), (10, 30), (20, 15, 30)] == [
        tuple(one.points for one in cheapest(groups, points)) for points in (66, 8, 20, 25, 36, 65)
    ]


DEMANDS = {"is": "must be", "is none of": "must be none of", "is not": "must not be", "contains": "must contain",
           "does not contain": "must not contain", "at least": "must be at least", "is present": "must be present"}  # fmt: skip


@pytest.mark.parametrize(("test", "demand"), DEMANDS.items())
def test_a_comparison_becomes_a_demand(test: str, demand: str) -> None:
    """Each of them reads as a sentence."""
    assert demand == demanded(test)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (1, "in 1 minute, on 1 Jan 2025, 00:01 UTC"),
        (MINUTE, "in 1 minute, on 1 Jan 2025, 00:01 UTC"),
        (MINUTE + 1, "in 2 minutes, on 1 Jan 2025, 00:02 UTC"),
        (HOUR - 1, "in 1 hour, on 1 Jan 2025, 01:00 UTC"),
        (36 * HOUR, "in 36 hours, on 2 Jan 2025, 12:00 UTC"),
        (47 * HOUR, "in 47 hours, on 2 Jan 2025, 23:00 UTC"),
        (47 * HOUR + MINUTE, "in 2 days, on 2 Jan 2025, 23:01 UTC"),
        (3 * DAY, "in 3 days, on 4 Jan 2025, 00:00 UTC"),
        (3 * DAY + 1, "in 3 days and 1 hour, on 4 Jan 2025, 00:01 UTC"),
        (4 * DAY - HOUR, "in 3 days and 23 hours, on 4 Jan 2025, 23:00 UTC"),
        (4 * DAY - 1, "in 4 days, on 5 Jan 2025, 00:00 UTC"),
    ],
)
def test_a_moment_ahead_is_said_in_whole_units_and_never_too_early(after: int, told: str) -> None:
    """Whoever comes back when it is said to be so finds it so."""
    assert told == ahead(START + after, START)


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (3 * DAY - 1, "in the next 2 days"),
        (2 * DAY - 1, "in the next 47 hours"),
        (HOUR + 1, "in the next hour"),
        (1, "in less than a minute"),
    ],
)
def test_what_is_to_be_done_in_time_is_never_told_to_have_more(rest: int, told: str) -> None:
    """Whoever does it within what is said does it in time."""
    assert told == soon(START + rest, START)


def test_what_comes_by_itself_is_foreseen_as_far_as_a_window_holds() -> None:
    """Minute by minute, also of what a clock that is a day ahead has sent: in 12 hours it was before."""
    plan = plan_of(
        "signals: {growth: {trend: any, within: 720m, floor: 1}}\n"
        f"rules: {{one: {{when: {{signal: growth, exists: true}}, {FIELDS}}}}}"
    )
    ahead_of_us = NOW + DAY - MINUTE

    one = explained(plan, [event("early", at=ahead_of_us, received=NOW)])["one"]

    assert (False, START + ahead_of_us + 720 * MINUTE) == (one.met, one.comes)
