"""The page's table of months: growth and conversions of all rules together."""

from __future__ import annotations

import re

import pytest

from pql.backtest.course import Course, Qualified, Subject
from pql.backtest.figures.figures import figures
from pql.backtest.figures.say import UNKNOWN
from pql.backtest.figures.velocity import ALL
from pql.backtest.page.by_month import SHOWN, by_month, of_rule
from pql.core.plain_words import epoch
from pql.core.window import DAY

START = epoch("2024-01-01T00:00:00.000Z")


def table(*days: int, length: int, within: int | None = None) -> str:
    """Return the section of a course of so many days with leads on these."""
    leads = [Qualified("busy", f"a:{day}", 1, START + day * DAY) for day in days]
    everyone = [Subject(f"a:{day}", START, START + length * DAY) for day in days]
    course = Course(["busy"], START, START + length * DAY, subjects={one.key: one for one in everyone})
    course.qualified = leads
    return str(by_month(figures(course, within)) or "")


def test_months_stand_from_the_newest_with_their_growth() -> None:
    """Two leads in January, three in February; March is cut and tells none."""
    told = table(0, 1, 31, 32, 33, 61, length=70)
    rows = [re.findall(r">([^<>]+)</td>", row) for row in told.split("<tr>")[2:]]

    expected = [
        ["2024-03, part", "1", UNKNOWN],
        ["2024-02", "3", "+50\N{NO-BREAK SPACE}%"],
        ["2024-01", "2", UNKNOWN],
    ]
    assert expected == [row[:3] for row in rows]
    assert "Leads grew in 1 of 1 month" in told


@pytest.mark.parametrize(("days", "length"), [((3,), 40), ((), 400)], ids=["one whole month", "no leads"])
def test_there_is_no_table_where_nothing_could_have_grown(days: tuple[int, ...], length: int) -> None:
    """A month and a bit has no month over month."""
    assert not table(*days, length=length)


def test_years_are_told_by_their_last_months() -> None:
    """And it says that there are more."""
    told = table(*range(0, 700, 20), length=731)

    assert SHOWN == told.count('class="name"')
    assert "12 earlier months left out." in told


def test_months_whose_window_is_open_are_said_to_be_and_those_before_are_shown_too() -> None:
    """A window of a year would else leave nothing in the column but dashes."""
    told = table(*range(0, 700, 20), length=731, within=365 * DAY)
    cells = re.findall(r'data-is="converted">([^<]+)<', told)

    assert 25 == len(cells)
    assert ["–", "–", "open"] == cells[:3]  # noqa: RUF001 - an en dash
    assert 11 == cells.count("open")
    assert 12 == sum(" of " in one for one in cells)


@pytest.mark.parametrize(
    ("within", "newest"), [(20 * DAY, "open"), (None, "0 of 2")], ids=["20 days", "no window"]
)
def test_each_kind_of_month_is_said_to_be_what_it_is(within: int | None, newest: str) -> None:
    """Two leads whose window is open, none, two that came at or after the conversion, one that is decided."""
    came = {3: None, 65: 65, 66: 2, 140: None, 141: None}
    leads = [Qualified("busy", f"a:{day}", 1, START + day * DAY) for day in came]
    everyone = [
        Subject(f"a:{day}", START, START + 150 * DAY, converted=None if when is None else START + when * DAY)
        for day, when in came.items()
    ]
    course = Course(["busy"], START, START + 150 * DAY, subjects={one.key: one for one in everyone})
    course.qualified = leads
    told = str(by_month(figures(course, within)))

    expected = [newest, UNKNOWN, "late", UNKNOWN, "0 of 1"]
    assert expected == re.findall(r'data-is="converted">([^<]+)<', told)


def test_every_rule_has_its_own_months() -> None:
    """As `pql metrics` tells them."""
    leads = [Qualified(rule, "a:x", 1, START + day * DAY) for rule, day in [("keen", 3), ("busy", 40)]]
    course = Course(["keen", "busy"], START, START + 70 * DAY, subjects={"a:x": Subject("a:x", START, START)})
    course.qualified = leads
    rows = re.findall(r">(2024-0[12])</td><td[^>]*>(\d)<", str(of_rule(figures(course), "keen")))

    assert [("2024-02", "0"), ("2024-01", "1")] == rows


def test_months_of_all_rules_are_those_of_the_headline() -> None:
    """Nobody is told of a draft: it is in no figure of all rules together, and has months of its own."""
    leads = [Qualified(rule, "a:x", 1, START + day * DAY) for rule, day in [("keen", 3), ("draft", 4)]]
    course = Course(
        ["keen", "draft"], START, START + 70 * DAY, subjects={"a:x": Subject("a:x", START, START)}
    )
    course.qualified = leads
    found = figures(course, announced=["keen"])
    made = {one.rule: one.leads.made for one in found.months if one.month == "2024-01"}

    assert {"draft": 1, "keen": 1, ALL: 1} == made
    assert found.all[0].leads == made[ALL]
