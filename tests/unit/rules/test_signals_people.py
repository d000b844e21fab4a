"""What each signal of days and people means where it could be doubted."""

from __future__ import annotations

from fakes.events import DAY, START
from fakes.one_signal import RULES, done, plan_with, told, value
from fakes.plans import plan_of
from pql.core.aggregates.distinct import hashed
from pql.engine.judge import Fired
from pql.engine.lead import lead_of
from pql.engine.step import step


def test_fault_064_a_day_counts_once_and_midnight_utc_parts_days() -> None:
    """Two events an hour apart may be two days, two a day apart are."""
    assert 2 == value("active_days: any", done(DAY - 1), done(DAY), done(2 * DAY - 1))


def test_the_newest_400_days_are_remembered_for_ever() -> None:
    """Beyond that the number says so."""
    plan = plan_with("active_days: any")
    signal = plan.signals[0].signal
    account = told(plan, *(done(day * DAY) for day in range(399)))

    assert (399, False) == (account.values[0], signal.is_floor(account.aggregates[0]))
    for day in (500, 600, 700):
        step(plan, account, done(day * DAY))

    assert (400, True) == (account.values[0], signal.is_floor(account.aggregates[0]))


def test_the_days_of_the_most_regular_person_are_not_those_of_everybody() -> None:
    """Three people on one day each are no habit."""
    signal = "active_days: any, by: user, within: 7d"
    apart = [done(0, "ada"), done(DAY, "bob"), done(2 * DAY, "cyd")]

    assert (1, 2) == (value(signal, *apart), value(signal, *apart, done(3 * DAY, "bob")))


def test_people_who_each_did_it_often_are_counted() -> None:
    """What one of them did often and the others once is not what all did often."""
    signal = "users_each: Report Created, times: 2, within: 14d"
    history = [done(0, "ada"), done(1, "ada"), done(2, "ada"), done(3, "bob"), done(4, "cyd"), done(5, "cyd")]

    assert 2 == value(signal, *history)
    assert 2 == value(signal, *history, done(6, None))


def test_people_on_several_days_are_counted() -> None:
    """Network adoption: many events on one day are one day."""
    signal = "users_each: any, days: 2, within: 14d"

    assert 1 == value(
        signal, done(0, "ada"), done(DAY, "ada"), done(0, "bob"), done(1, "bob"), done(2, "cyd")
    )


def test_in_a_crowd_people_are_counted_at_least() -> None:
    """Of more people than are followed, those with the lowest hash are, and the number says so."""
    plan = plan_with("users_each: any, times: 2, keep: 3")
    signal = plan.signals[0].signal
    people = sorted((f"user {index}" for index in range(9)), key=hashed)
    account = told(plan, *(done(index, who) for index, who in enumerate(people[:3] * 2)))

    assert (3, False) == (account.values[0], signal.is_floor(account.aggregates[0]))
    for index, who in enumerate(people[3:] * 2):
        step(plan, account, done(100 + index, who))

    assert (3, True) == (account.values[0], signal.is_floor(account.aggregates[0]))


def test_a_lead_says_that_there_may_be_more() -> None:
    """What is counted at least is told as such."""
    plan = plan_of((RULES % "users_each: any, times: 1, keep: 2").replace("is: no", "at_least: 2"))
    account = told(plan, *(done(index, f"user {index}") for index in range(2)))
    lines = []
    for index in (2, 3):
        fired = Fired(plan.rules[0], done(index, "user 2"), START + index, 1)
        lines.append(lead_of(plan, account, fired).evidence[0].words)
        step(plan, account, done(index, f"user {index}"))

    assert ["people with any event at least once", "people with any event at least once (2 or more)"] == lines


def test_people_who_have_left_make_room() -> None:
    """Whom a window follows is chosen anew each day: old hands do not hide new ones for ever."""
    people = sorted((f"user {index}" for index in range(4)), key=hashed)
    signal = "users_each: any, times: 1, within: 2d, keep: 2"
    old, new = ([done(at, who) for who in them] for at, them in ((0, people[:2]), (5 * DAY, people[2:])))

    assert 2 == value(signal, *old, *new)


def test_the_top_share_is_of_all_events_of_people() -> None:
    """Also of the events of those who are not followed; events of nobody have no share."""
    people = sorted((f"user {index}" for index in range(4)), key=hashed)
    history = [done(index, who) for index, who in enumerate([*people, people[0]])]

    assert 0.4 == value("top_share: any", *history, done(9, None))
    assert 0.4 == value("top_share: any, keep: 1", *history)
    assert value("top_share: any", done(9, None)) is None
