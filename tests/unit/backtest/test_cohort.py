"""Who is learned from, and whom the effect is measured on: accounts, with whoever was folded into them."""

from __future__ import annotations

import pytest

from fakes.courses import course, day
from fakes.people import pack_of
from pql.backtest.calibrate.cohort import Cohort, cohort
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.proposal import held_out
from pql.backtest.course import Course
from pql.backtest.figures.figures import figures
from pql.core.window import DAY
from pql.engine.plan import Plan

RULES = """\
signals: {quiet: {days_since: Report Created}}
scores: {heat: [{points: 2, when: {signal: quiet, at_least: 5}}]}
rules: {hot: {when: {score: heat, at_least: 2}, title: t, reason: r}}
"""
AGE, WITHIN = 10 * DAY, 30 * DAY
JOINED = {"u:ada": "a:acme"}


def aged(made: Course) -> Cohort:
    """Return the cohort of a course in which accounts had a report on day 4, of 10."""
    pack = pack_of(RULES)
    items = Items(pack, "heat")
    (signal,) = Plan(pack).signals
    for one in made.subjects.values():
        one.snapshot = {signal.fingerprint: day(4)}
    return cohort(made, items, AGE, WITHIN)


@pytest.mark.parametrize(("converted", "expected"), [
    (5, (0, 1, [])),
    (10, (0, 1, [])),
    (10 + 1 / DAY, (0, 0, [True])),
    (40, (0, 0, [True])),
    (40 + 1 / DAY, (0, 0, [False])),
    (None, (0, 0, [False])),
])  # fmt: skip
def test_an_account_is_as_old_as_who_was_folded_into_it(
    converted: float | None, expected: tuple[int, int, list[bool]]
) -> None:
    """And converted when they did: by ten days after the first event of either, or within thirty more."""
    people = {"u:ada": (0, converted), "a:acme": (6, None)}
    found = aged(course(people, {"hot": []}, moved=JOINED))

    assert expected == (found.young, found.early, [one.converts for one in found.aged])
    assert 100 * DAY == found.lasts
    assert all((day(10), [1.0]) == (one.at, one.columns) for one in found.aged)


def test_the_data_end_where_a_backtest_has_them_end() -> None:
    """With the last event, however late a conversion is said to come."""
    made = course({"a:acme": (70, None), "a:far": (0, 36_500)}, {"hot": []})

    assert (1, [False]) == ((found := aged(made)).censored, [one.converts for one in found.aged])
    assert 1 == figures(made, AGE + WITHIN).bases["accounts"].open


@pytest.mark.parametrize(("last", "expected"), [(40, (0, [False])), (40 - 1 / DAY, (1, []))])
def test_who_is_known_for_just_as_long_is_learned_from(last: float, expected: tuple[int, list[bool]]) -> None:
    """A window that ends with the data is over, as in the figures."""
    found = aged(course({"a:acme": (0, None)}, {"hot": []}, last=last))

    assert expected == (found.censored, [one.converts for one in found.aged])


def test_who_is_held_out_came_later_with_all_they_are_made_of() -> None:
    """Neither an account whose user came before is new, nor is the user alone left out of one that is."""
    people = {"u:ada": (0, 50), "a:acme": (40, None), "u:bob": (30, 50), "a:beta": (40, None)}
    made = course(people, {"hot": [("u:bob", 31)]}, moved={**JOINED, "u:bob": "a:beta"})

    assert ["a:beta", "u:bob"] == sorted(held_out(made, day(20)).subjects)
    assert [] == [*held_out(made, day(35)).subjects]
