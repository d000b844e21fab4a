"""The page's table of months: growth and conversions of all rules together."""

from __future__ import annotations

import re

import pytest

from pql.backtest.course import Course, Qualified, Subject
from pql.backtest.figures.figures import figures
from pql.backtest.figures.say import UNKNOWN
from pql.backtest.page.by_month import SHOWN, by_month
from pql.core.plain_words import DAY, epoch

START = epoch("2024-01-01T00:00:00.000Z")


def table(*days: int, length: int) -> str:
    """Return the section of a course of so many days with leads on these."""
    leads = [Qualified("busy", f"a:{day}", 1, START + day * DAY) for day in days]
    everyone = [Subject(f"a:{day}", START, START + length * DAY) for day in days]
    course = Course(["busy"], START, START + length * DAY, subjects={one.key: one for one in everyone})
    course.qualified = leads
    return str(by_month(figures(course)) or "")


def test_months_stand_from_the_newest_with_their_growth() -> None:
    """Two leads in January, three in February; March is cut and tells none."""
    told = table(0, 1, 31, 32, 33, 61, length=70)
    rows = [re.findall(r">([^<>]+)</td>", row) for row in told.split("<tr>")[2:]]

    expected = [["2024-03, part", "1", UNKNOWN], ["2024-02", "3", "+50 %"], ["2024-01", "2", UNKNOWN]]
    assert expected == [row[:3] for row in rows]
    assert "Leads grew in 1 of 1 months" in told


@pytest.mark.parametrize(("days", "length"), [((3,), 40), ((), 400)], ids=["one whole month", "no leads"])
def test_there_is_no_table_where_nothing_could_have_grown(days: tuple[int, ...], length: int) -> None:
    """A month and a bit has no month over month."""
    assert not table(*days, length=length)


def test_years_are_told_by_their_last_months() -> None:
    """And it says that there are more."""
    told = table(*range(0, 700, 20), length=731)

    assert SHOWN == told.count('class="name"')
    assert "earlier months are left out" in told
