"""What a rerun says of conversions, scores, snapshots and misses: never what came later."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import chances, examples
from fakes.events import DAY, HOUR, START, event, identify
from fakes.histories import histories
from fakes.people import PEOPLE, pack_of
from fakes.plans import MIXED
from fakes.towns import BARRED, delivered, town
from pql.backtest.course import Course, Peak
from pql.backtest.figures.population import folded
from pql.backtest.rerun.rerun import rerun
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.step import slide, step

HORIZON = 7 * DAY
SCORED = """
signals: {reports: {count: Report Created, within: 1d}, orders: {count: Order Completed}}
scores: {heat: [{points: 2, per: reports, up_to: 10}, {points: 5, when: {signal: orders, at_least: 1}}]}
rules:
  hot: {when: {score: heat, at_least: 8}, cooldown: 3d, title: t, reason: r}
  both: {when: {all: [{signal: reports, at_least: 4}, {signal: orders, at_least: 1}]}, title: t, reason: r}
  sketch: {status: draft, when: {signal: reports, at_least: 1}, title: t, reason: r}
"""


def course_of(text: str, events: list[Event], conversions: Any = (), age: int | None = None) -> Course:
    """Return the course of events, put in the order of receipt."""
    ordered = sorted(events, key=lambda one: one.received)
    return rerun(pack_of(text), ordered, horizon=HORIZON, conversions=conversions, age=age)


def reports(number: int, at: int = 0, **more: Any) -> list[Event]:
    """Return so many reports, a second apart."""
    return [event((at, index), at=at + 1000 * index, **more) for index in range(number)]


def late_report(account: str) -> list[Event]:
    """Return a report that comes too late to be counted."""
    return [event("late", account=account, at=0, received=HORIZON + HOUR)]


@settings(max_examples=examples(17))
@given(histories(), st.integers(1, 10))
def test_a_snapshot_knows_nothing_that_came_later(events: list[Event], days: int) -> None:
    """It is what a plain replay of the events before that moment leaves, with windows slid to it."""
    events.sort(key=lambda one: one.received)
    course = course_of(MIXED, events, age=days * DAY)
    timely = [one for one in events if not one.is_late(HORIZON)]
    if not timely:
        assert {} == course.subjects
        return
    moment, last = timely[0].received + days * DAY, events[-1].received
    plan = Plan(pack_of(MIXED))
    account = plan.account("a:acme")
    for one in timely:
        if one.received >= moment and account.clock:
            break
        step(plan, account, one)
    slide(plan, account, max(moment, account.clock))
    expected = {slot.fingerprint: account.values[slot.place] for slot in plan.signals}
    found = course.subjects["a:acme"].snapshot
    assert (None if last < moment else expected) == found


@settings(max_examples=examples(17))
@given(histories(), st.integers(0, 15))
def test_a_peak_is_the_highest_before_the_conversion(events: list[Event], days: int) -> None:
    """It is the first moment of the highest score that a plain replay sees before that day."""
    converted = START + days * DAY
    course = course_of(MIXED, events, {"acme": converted})
    plan = Plan(pack_of(MIXED))
    account = plan.account("a:acme")
    (score,) = plan.scores
    best: Peak | None = None
    for one in sorted(events, key=lambda one: one.received):
        if not one.is_late(HORIZON):
            step(plan, account, one)
            value = account.score(score.place)
            if account.clock < converted and value > (best.score if best else 0):
                best = Peak(value, account.clock)
    found = course.subjects["a:acme"].peaks if course.subjects else {}
    assert ({"usage": best} if best else {}) == found


def test_conversions_by_name_are_of_whoever_did_it() -> None:
    """The first one counts, at its own time; the account, the user and their device convert by it."""
    events = [
        *reports(2, user="ada", account=None, anonymous="x"),
        event("late", "order completed", at=3 * HOUR, received=4 * HOUR, anonymous="x"),
        event("again", "Order Completed", at=5 * HOUR),
        *reports(1, at=DAY, user="bob"),
    ]
    course = course_of(SCORED, events, ["Order Completed"])

    assert {"a:acme": START + 3 * HOUR, "u:ada": START + 3 * HOUR} == {
        one.key: one.converted for one in course.subjects.values()
    }


def test_nobody_converts_after_it_was_told() -> None:
    """Of a sender whose clock is ahead the receipt counts: nothing is known of a moment to come."""
    course = course_of(
        SCORED, [event("buys", "Order Completed", at=5 * HOUR, received=HOUR)], ["Order Completed"]
    )

    assert START + HOUR == course.subjects["a:acme"].converted


def test_an_earlier_conversion_told_later_takes_the_peaks_after_it_back() -> None:
    """What was counted after it had no part in it, whenever it was received."""
    events = [*reports(3, at=2 * HOUR), event("buys", "Order Completed", at=HOUR, received=5 * HOUR)]
    course = course_of(SCORED, events, ["Order Completed"])

    assert (START + HOUR, {}) == (course.subjects["a:acme"].converted, course.subjects["a:acme"].peaks)


def test_a_height_of_the_moment_of_a_conversion_told_later_is_none() -> None:
    """It came no sooner than the conversion."""
    events = [*reports(1, at=HOUR), event("buys", "Order Completed", at=HOUR, received=5 * HOUR)]
    course = course_of(SCORED, events, ["Order Completed"])

    assert {} == course.subjects["a:acme"].peaks


BUYS = event("buys", "Order Completed", at=2 * HOUR, user="ada", account=None)
JOINS = identify("joins", at=3 * HOUR, account="acme")


@pytest.mark.parametrize(("events", "conversions", "expected"), [
    (
        [*reports(1, user="ada", account=None), JOINS, *reports(2, 4 * HOUR), *reports(4, 6 * HOUR)],
        {"ada": START + 5 * HOUR},
        Peak(6.0, START + 4 * HOUR + 1_000),
    ),
    (
        [*reports(1, user="ada", account=None), BUYS, JOINS, *reports(4, 6 * HOUR)],
        ["Order Completed"],
        Peak(2.0, START),
    ),
    (
        [*reports(4, 2 * HOUR, user="ada", account=None), JOINS, *reports(1, HOUR)],
        {"acme": START + 2 * HOUR},
        Peak(2.0, START + HOUR),
    ),
])  # fmt: skip
def test_a_score_counts_until_anybody_of_an_account_converted(
    events: list[Event], conversions: Any, expected: Peak
) -> None:
    """Whoever of them it was, and whoever came to it later: what was done after it foretold nothing."""
    course = course_of(SCORED, events, conversions)

    assert {"heat": expected} == folded(course)["a:acme"].peaks


def test_who_converted_as_part_of_an_account_is_no_miss_to_whom_it_may_yet_happen() -> None:
    """Their account stands among the converted, as it did by then."""
    events = [*reports(1, user="ada", account=None), JOINS, *reports(2, 4 * HOUR), *reports(1, 6 * HOUR)]
    course = course_of(SCORED, events, {"ada": START + 5 * HOUR})

    assert [("a:acme", START + 5 * HOUR, True)] == [
        (one.subject, one.at, one.converted) for one in course.misses if one.rule == "both"
    ]


def test_who_converted_before_they_joined_is_a_miss_once() -> None:
    """By themselves: nobody comes nearer to a lead afterwards."""
    events = [*reports(1, user="ada", account=None), BUYS, JOINS, *reports(1, 4 * HOUR)]
    course = course_of(SCORED, events, ["Order Completed"])

    assert [("u:ada", START + 2 * HOUR)] == [
        (one.subject, one.at) for one in course.misses if one.rule == "both"
    ]


@pytest.mark.parametrize(("events", "expected"), [
    (reports(1, account="7", user="ada"), {"a:7": START + DAY}),
    (reports(1, account=None, user="7"), {"u:7": START + DAY}),
    (reports(1, account=None, user="7") + late_report("7"), {"u:7": START + DAY}),
    (
        reports(1, account="7", user="7") + reports(1, HOUR, account=None, user="7"),
        {"a:7": START + DAY, "u:7": None},
    ),
])  # fmt: skip
def test_an_id_names_an_account_or_else_a_user(events: list[Event], expected: dict[str, int]) -> None:
    """Where both have the same id the account is meant."""
    course = course_of(SCORED, events, {"7": START + DAY})

    assert expected == {one.key: one.converted for one in course.subjects.values()}


def test_who_is_folded_lends_their_age() -> None:
    """The account is as old as its oldest user, who stays as they stood."""
    events = [
        *reports(2, user="ada", account=None),
        identify("joins", at=2 * DAY, account="acme"),
        *reports(1, 4 * DAY),
    ]
    course = course_of(SCORED, events, age=3 * DAY)

    assert {"u:ada": "a:acme"} == course.moved
    assert (2, None) == (course.subjects["u:ada"].events, course.subjects["u:ada"].snapshot)
    assert [0, 0] == [*(course.subjects["a:acme"].snapshot or {}).values()]


def test_the_older_of_two_lends_their_snapshot() -> None:
    """Even to an account that had been looked at at its own age, before they were one."""
    events = [
        event("buys", "Order Completed", user="ada", account=None),
        *reports(1, at=DAY, user="bob"),
        identify("joins", at=5 * DAY, account="acme"),
    ]
    together, alone = (course_of(SCORED, told, age=2 * DAY) for told in (events, events[1:]))

    assert [0, 1] == sorted((together.subjects["a:acme"].snapshot or {}).values())
    assert [0, 0] == [*(alone.subjects["a:acme"].snapshot or {}).values()]


@settings(max_examples=examples(28))
@given(chances(), st.integers(1, 6))
def test_who_is_old_enough_has_a_snapshot(rnd: random.Random, days: int) -> None:
    """By the first event of whoever they are made of, and nobody else has one."""
    course = rerun(pack_of(BARRED), delivered(town(rnd)), horizon=HORIZON, conversions=(), age=days * DAY)

    assert [key for key, one in folded(course).items() if one.first + days * DAY <= (course.last or 0)] == [
        key for key in folded(course) if course.subjects[key].snapshot is not None
    ]


def test_an_account_converts_by_its_own_events() -> None:
    """What a user does in another account is no conversion of the one they were folded into."""
    events = [
        *reports(1, user="ada", account=None),
        identify("joins", at=HOUR, account="beta"),
        event("buys", "Order Completed", at=DAY, account="acme", user="ada"),
        event("later", "Other", at=2 * DAY, account="acme", user="ada"),
    ]
    course = course_of(SCORED, events, ["Order Completed"])

    assert {"a:acme": START + DAY, "a:beta": None} == {
        key: one.converted for key, one in folded(course).items()
    }


def test_drafts_are_judged() -> None:
    """A backtest is what a draft is for."""
    course = course_of(SCORED, reports(1))

    assert (["hot", "both", "sketch"], ["sketch"]) == (course.rules, [one.rule for one in course.qualified])


def test_what_holds_again_too_soon_is_counted() -> None:
    """A rule that came to hold within its cooldown made no lead, and says so."""
    buys = event("buys", "Order Completed")
    course = course_of(SCORED, [buys, *reports(2, HOUR), *reports(2, 2 * DAY)])

    assert ({"hot": 1, "sketch": 1}, 1) == (course.cooled, sum(one.rule == "hot" for one in course.qualified))


def test_the_nearest_misses_come_first() -> None:
    """They stand as they did at their conversion, these last, or at the end, and say what was missing."""
    events = [
        *reports(3, at=HOUR, account="near"),
        *reports(1, at=2 * HOUR, account="far"),
        *reports(4, at=HOUR, account="gone"),
        event("buys", "Order Completed", at=9 * HOUR, account="gone"),
        event("elsewhere", "Other", at=9 * HOUR, account="idle"),
    ]
    course = course_of(SCORED, events, {"gone": START + 8 * HOUR})
    misses = [one for one in course.misses if one.rule == "both"]

    assert [("a:near", 0, 2, False), ("a:far", 0, 2, False), ("a:gone", 1, 2, True)] == [
        (one.subject, one.met, one.of, one.converted) for one in misses
    ]
    assert START + 8 * HOUR == misses[2].at
    assert ["Order Completed: once in the next 16 hours"] == misses[2].words


def test_people_count_beside_their_account() -> None:
    """Where there are rules about accounts and people an event is one event, and each has its own leads."""
    course = rerun(pack_of(SCORED, PEOPLE), reports(4), horizon=HORIZON, conversions={"ada": START + DAY})

    assert (4, {"a:acme": None, "p:ada": START + DAY}) == (
        course.counted,
        {one.key: one.converted for one in course.subjects.values()},
    )
