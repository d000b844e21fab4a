"""Leads by rule and month: how many, how many of them converted, and how that grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pql.backtest.course import Course, Qualified, Subject
from pql.backtest.figures.population import populations
from pql.backtest.figures.velocity import ALL, Made, Month, by_rule, made, monthly, yielded
from pql.core.plain_words import epoch
from pql.core.window import DAY

JANUARY = epoch("2025-01-01T00:00:00.000Z")
MAY = epoch("2025-05-01T00:00:00.000Z")


def leads(*days: int, rule: str = "busy", converted: int | None = None) -> list[Made]:
    """Return leads made on these days of 2025, of accounts that converted so many days after each."""
    return [
        Made(rule, JANUARY + day * DAY, None if converted is None else JANUARY + (day + converted) * DAY)
        for day in days
    ]


def months(found: list[Month], rule: str = "busy") -> list[tuple[str, int, float | None, bool]]:
    """Return month, leads, growth and whether it is complete."""
    return [(one.month, one.leads.made, one.velocity, one.complete) for one in found if one.rule == rule]


def test_growth_is_over_the_month_before() -> None:
    """Two leads, then three, then none, then one: of nothing there is no growth."""
    found = monthly(leads(0, 30, 31, 40, 58, 90), JANUARY, MAY - 1)

    assert [
        ("2025-01", 2, None, True),
        ("2025-02", 3, 0.5, True),
        ("2025-03", 0, -1.0, True),
        ("2025-04", 1, None, False),
    ] == months(found)


def test_a_month_that_is_cut_tells_no_growth() -> None:
    """Nor does the one after it: half a month is not less use."""
    found = monthly(leads(20, 40, 41, 60, 61, 62, 63), JANUARY + 15 * DAY, MAY)

    assert [
        ("2025-01", 1, None, False),
        ("2025-02", 2, None, True),
        ("2025-03", 4, 1.0, True),
        ("2025-04", 0, -1.0, True),
        ("2025-05", 0, None, False),
    ] == months(found)


def test_months_end_with_the_leads_that_are_asked_for() -> None:
    """The day after the last begins no month, and what came of them later is known all the same."""
    april = epoch("2025-04-01T00:00:00.000Z")
    found = monthly(leads(31, 58, converted=40), JANUARY, MAY, before=april)

    assert [
        ("2025-01", 0, None, True),
        ("2025-02", 2, None, True),
        ("2025-03", 0, -1.0, True),
    ] == months(found)
    assert 2 == found[1].leads.rate.hits
    assert not monthly(leads(31), JANUARY, MAY, before=april - DAY)[2].complete


def test_december_is_followed_by_january() -> None:
    """And a year has twelve months."""
    begin = epoch("2024-11-01T00:00:00.000Z")

    assert ["2024-11", "2024-12", "2025-01"] == [
        one for one, *_ in months(monthly(leads(0), begin, JANUARY + DAY))
    ]


def test_conversions_count_for_the_month_of_their_lead_within_the_window() -> None:
    """A lead whose window is not over is not decided, and one that came too late is never."""
    some = [
        *leads(0, 1, converted=10),
        *leads(2, converted=100),
        *leads(3),
        *leads(4, converted=-1),
        *leads(80),
    ]
    found = yielded(some, JANUARY + 120 * DAY, 60 * DAY)

    assert (6, 2, 4, 1, 10.0) == (found.made, found.rate.hits, found.rate.of, found.open, found.median_days)


def test_without_a_window_everything_is_decided_at_once() -> None:
    """Whoever has not converted by the end did not."""
    found = yielded([*leads(0, converted=30), *leads(1, 119)], JANUARY + 120 * DAY)

    assert (1, 3, 0, 30.0) == (found.rate.hits, found.rate.of, found.open, found.median_days)


def test_leads_of_a_course_know_when_their_account_converted() -> None:
    """What a user had or did before being folded into an account is its; a held back lead is none."""
    course = Course(
        rules=["busy"],
        subjects={
            "a:acme": Subject("a:acme", 0, 9),
            "u:ada": Subject("u:ada", 0, 2, converted=7),
        },
        moved={"u:ada": "a:acme"},
        qualified=[
            Qualified("busy", "u:ada", 1, 3),
            Qualified("busy", "a:acme", 2, 5),
            Qualified("busy", "a:acme", 2, 6, suppressed=True),
        ],
    )

    assert [Made("busy", 3, 7), Made("busy", 5, 7)] == [*made(populations(course).values())]


SOME = st.lists(
    st.builds(
        Made,
        st.sampled_from(["a", "b", "c"]),
        st.integers(JANUARY, MAY - 1),
        st.none() | st.integers(JANUARY, MAY),
    )
)


@given(SOME, st.none() | st.integers(0, 90).map(lambda days: days * DAY))
def test_months_add_up(some: list[Made], within: int | None) -> None:
    """Every lead stands in one month of its rule and in one of all, decided as it would be without months."""
    found = monthly(some, JANUARY, MAY, within)

    for rule, several in by_rule(some).items():
        mine = [one.leads for one in found if one.rule == rule]
        whole = yielded(several, MAY, within)
        assert (whole.made, whole.rate.hits, whole.rate.of) == (
            sum(one.made for one in mine),
            sum(one.rate.hits for one in mine),
            sum(one.rate.of for one in mine),
        )
    assert ({ALL} if some else set()) == {one.rule for one in found} - {one.rule for one in some}
