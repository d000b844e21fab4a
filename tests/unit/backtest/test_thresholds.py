"""Thresholds: where a score is held against a bound, and the bound that does what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from operator import ge, gt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.backtest.calibrate.thresholds import (
    alike,
    bounds,
    for_leads,
    for_precision,
    most_precise,
    reaches,
    taken,
)
from pql.backtest.course import Peak
from pql.backtest.figures.population import One
from pql.core.window import DAY
from pql.rules.source import Source

TEXT = """\
scores:
  fit: [{points: 10, when: {signal: a, at_least: 1}}]
  all: [{points: 5, when: {score: fit, more_than: 5}}]
rules:
  ready:
    when: {all: [{score: fit, at_least: 50}, {score: all, at_least: 1}]}
    until: {score: fit, less_than: 30}
  tiers:
    when: {signal: a, at_least: 1}
    until: {score: fit, at_most: 20}
    tier: {score: fit, hot: 60, warm: 30}
tests: [{score: fit, at_least: 1}]
"""


def people(*told: tuple[float, bool]) -> list[One]:
    """Return accounts whose score stood so high on their first day, and whether they converted on day 9."""
    return [
        One(f"a:{index}", 0, DAY, 1, 9 * DAY if converts else None, {"fit": Peak(score, DAY)})
        for index, (score, converts) in enumerate(told)
    ]


def test_every_bound_of_the_score_is_found() -> None:
    """In rules, exits, tiers and other scores, and not in tests."""
    found = {
        (".".join(map(str, one.path)), one.rule, one.is_floor, one.is_strict)
        for one in bounds(Source("a", TEXT), "fit")
    }

    assert {
        ("scores.all.0.when.more_than", None, True, True),
        ("rules.ready.when.all.0.at_least", "ready", True, False),
        ("rules.ready.until.less_than", None, False, False),
        ("rules.tiers.until.at_most", None, False, True),
        ("rules.tiers.tier.hot", None, True, False),
        ("rules.tiers.tier.warm", None, True, False),
    } == found


def test_the_lowest_threshold_with_the_precision_is_chosen() -> None:
    """Of few accounts a precision says nothing: they do not decide."""
    crowd = people(
        *[(30, True)] * 10, *[(30, False)] * 30, *[(60, True)] * 10, *[(60, False)] * 10, (90, True)
    )
    found = [*reaches(crowd, "fit", 30, 99 * DAY, 30 * DAY)]

    assert [(30, 61, 21), (60, 21, 11), (90, 1, 1)] == [
        (one.threshold, one.decided, one.hits) for one in found
    ]
    assert [30, 60, None] == [
        one and one.threshold for one in (for_precision(found, wanted) for wanted in (0.3, 0.5, 0.9))
    ]
    best = most_precise(found)
    assert best is not None
    assert 60 == best.threshold


def test_an_account_whose_window_is_not_over_is_not_counted_against_a_threshold() -> None:
    """It is among the accounts, and neither hit nor miss."""
    (found,) = reaches(people((10, False), (10, True)), "fit", 10, 20 * DAY, 30 * DAY)

    assert (2, 0) == (found.accounts, found.decided)


SCORES = st.lists(st.tuples(st.integers(0, 400).map(lambda one: one / 4), st.booleans()), max_size=40)


@given(SCORES, st.sampled_from([0.5, 1, 7, 30]), st.sampled_from([20, 99]), st.booleans())
def test_a_threshold_is_reached_by_those_at_or_above_it(
    crowd: list[tuple[float, bool]],
    step: float,
    end: int,
    strict: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever the step, each threshold says what counting one by one does; a strict one is exceeded."""
    for one in reaches(people(*crowd), "fit", step, end * DAY, 30 * DAY, strict=strict):
        above = [
            converts
            for score, converts in crowd
            if (score > one.threshold if strict else score >= one.threshold)
        ]
        decided = [*above] if end == 99 else []

        assert (len(above), len(decided), sum(decided)) == (one.accounts, one.decided, one.hits)


@pytest.mark.parametrize(("wanted", "expected"), [(80, 5), (79, 10), (10, 75), (9, 80), (5, 80), (4, None)])
def test_the_lowest_threshold_with_no_more_leads_is_found_by_few_reruns(
    wanted: float, expected: float | None
) -> None:
    """Sixteen thresholds are sixteen reruns, of which a search needs five."""
    rising, asked = [5.0 * index for index in range(1, 17)], []

    def measured(threshold: float) -> float:
        asked.append(threshold)
        return 80 - (threshold - 5) if threshold < 80 else 5

    assert expected == for_leads(rising, wanted, measured)
    assert len(asked) <= 5


def test_a_threshold_is_one_that_a_score_takes() -> None:
    """Of tens 15 would mean 20, and say what it is not; what has no whole steps goes down to one."""
    crowd = people(*[(20, True)] * 20, *[(10, False)] * 20)

    assert [10, 20] == [one.threshold for one in reaches(crowd, "fit", 5, 99 * DAY, 30 * DAY)]
    assert [5, 35, 40] == taken([40, 37.3, 36.2, 5, 4.9, 0], 5)
    assert [40, 15, 10] == [alike(15, [10, 20], new, 5) for new in ([20, 40], [10, 40], [10, 10])]


def test_what_is_to_be_exceeded_is_a_step_lower() -> None:
    """`more_than: 20` would leave out who has 20, and 0 is a threshold like any other."""
    assert [0, 5, 35] == taken([40, 37.3, 36.2, 6, 5, 4.9], 5, strict=True)
    assert [15, 5, 10] == [alike(15, [10, 20], new, 5, strict=True) for new in ([20], [10], [10, 15])]


@given(
    st.lists(st.integers(1, 20), min_size=1), st.integers(1, 20), st.integers(1, 4), st.sampled_from([ge, gt])
)
def test_the_threshold_goes_with_the_scale(
    tops: list[int], bound: int, factor: int, reaches_it: Callable[[float, float], bool]
) -> None:
    """Where all points are multiplied, as many reach the threshold that is multiplied with them."""
    old, new = [one * 5.0 for one in tops], [one * 5.0 * factor for one in tops]
    found = alike(bound * 5.0, old, new, 5.0, strict=reaches_it is gt)

    assert sum(reaches_it(one, bound * 5.0) for one in old) in (0, sum(reaches_it(one, found) for one in new))
