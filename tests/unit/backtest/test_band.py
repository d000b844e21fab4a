"""Bands: what is usual is within, what is not is outside, and few say nothing."""

from __future__ import annotations

import random
from bisect import bisect_left
from functools import cache
from itertools import pairwise

import pytest

from pql.backtest.drift.band import COHORT_LEAST, Band, counts, shares
from pql.backtest.drift.silence import HOURS_LEAST, Silence, silence


def test_weeks_of_one_kind_stay_in_their_band() -> None:
    """Of Poisson weeks at most one in two hundred leaves it, though nobody knows the true mean."""
    chance = random.Random(7)  # noqa: S311 - the same cases every time
    out = 0
    for _ in range(2_000):
        mean = chance.choice([0.5, 3, 12, 60])
        weeks = [sum(chance.random() < mean / 500 for _ in range(500)) for _ in range(9)]
        band = counts(weeks[:8])
        assert band is not None
        out += band.side(weeks[8]) != 0

    assert out <= 10


def test_seldom_does_a_rule_that_is_well_leave_its_band_however_often_it_is_looked_at() -> None:
    """Not once in forty years of five leads a week, with four looks a day at the seven days before."""
    chance = random.Random(7)  # noqa: S311 - the same cases every time
    made = [0.0]
    while made[-1] < 40 * 364:
        made.append(made[-1] + chance.expovariate(5 / 7))
    out = 0
    for look in range(63 * 4, 40 * 364 * 4):
        ends = [bisect_left(made, look / 4 - 7 * ago) for ago in range(10)]
        this, *before = (late - early for late, early in pairwise(ends))
        out += _side(tuple(sorted(before)), this) > 0

    assert 0 == out


@cache
def _side(weeks: tuple[int, ...], value: int) -> int:
    band = counts(weeks)
    assert band is not None
    return band.side(value)


@pytest.mark.parametrize(
    ("weeks", "value", "side"),
    [
        ([10, 12, 9, 11, 10, 8, 13, 11], 40, 1),
        ([10, 12, 9, 11, 10, 8, 13, 11], 0, -1),
        ([10, 12, 9, 11, 10, 8, 13, 11], 17, 0),
        ([10, 60, 2, 25, 1, 40, 5, 18], 60, 0),
        ([0, 0, 0, 0, 0, 0, 0, 0], 4, 0),
        ([0, 0, 0, 0, 0, 0, 0, 0], 5, 1),
        ([0, 0, 0, 0, 0, 0, 0, 0], 40, 1),
        ([1, 0, 2, 1, 0, 1, 0, 1], 0, 0),
        ([5_000, 5_200, 4_900, 5_100], 50_000, 1),
    ],
)
def test_what_is_far_from_the_weeks_before_is_out(weeks: list[int], value: int, side: int) -> None:
    """Far above is a flood, far below a drought; few, or weeks that differ much, allow for more."""
    band = counts(weeks)

    assert band is not None
    assert side == band.side(value)


def test_three_weeks_say_nothing() -> None:
    """A rule has no band in its first month."""
    assert counts([5, 5, 5]) is None


@pytest.mark.parametrize(
    ("hits", "of", "now", "share", "side"),
    [
        (60, 200, 80, 0.05, -1),
        (60, 200, 40, 0.3, 0),
        (60, 200, 40, 0.9, 1),
        (60, 200, 40, 0.15, 0),
        (60, 200, 40, 0.05, 0),
        (60, 200, 40, 0.03, -1),
    ],
)
def test_a_share_has_a_band_too(hits: int, of: int, now: int, share: float, side: int) -> None:
    """As wide as the few that it is about make it."""
    band = shares(hits, of, COHORT_LEAST, now)

    assert band is not None
    assert side == band.side(share)


def test_too_few_have_no_share() -> None:
    """On either side."""
    assert shares(6, COHORT_LEAST - 1, COHORT_LEAST, 100) is None
    assert shares(60, 200, COHORT_LEAST, COHORT_LEAST - 1) is None


def test_a_band_includes_its_ends() -> None:
    """Both."""
    assert [-1, 0, 0, 1] == [Band(2, 4).side(value) for value in (1, 2, 4, 5)]


NIGHTS = [day * 24 + hour for day in range(30) for hour in range(8, 20)]


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        (NIGHTS, NIGHTS[-1] + 13, None),
        (NIGHTS, NIGHTS[-1] + 26, None),
        (NIGHTS, NIGHTS[-1] + 27, Silence(NIGHTS[-1], 13)),
        (range(337), 336 + 12, None),
        (range(337), 336 + 13, Silence(336, 1)),
        (range(336), 335 + 72, None),
        (range(336), 335 + 73, Silence(335, 1)),
        ([0, 24 * 7, 24 * 14, 24 * 21, 24 * 28], 24 * 42, None),
        ([0, 24 * 7, 24 * 14, 24 * 21, 24 * 28], 24 * 42 + 1, Silence(24 * 28, 24 * 7)),
        ([0, 24, 48, 96], 10_000, None),
        (range(60), 10_000, None),
        ([], 10, None),
    ],
)
def test_silence_is_twice_the_longest_gap(hours: list[int], now: int, expected: Silence | None) -> None:
    """Nights are no silence, weekends not even the first, nor is what was hardly there."""
    assert expected == silence(hours, now)


@pytest.mark.parametrize(
    ("outages", "after", "expected"),
    [
        ([], 13, None),
        ([399], 13, Silence(999, 1)),
        ([399, 599], 13, None),
        ([399, 599], 101, Silence(999, 50)),
    ],
    ids=["nobody was told", "one outage", "a habit", "longer than the habit"],
)
def test_an_outage_is_no_usual_gap(outages: list[int], after: int, expected: Silence | None) -> None:
    """One of a hundred hours hides no other; two are how it is, as far as the shorter goes."""
    hours = [*range(400), *range(499, 600), *range(649, 1_000)]
    if 599 not in outages:
        hours += range(600, 649)

    assert expected == silence(hours, 999 + after, outages)


YEAR = 365 * 24


def _by_chance(chance: random.Random, a_day: float) -> list[int]:
    """Return the hours of a year and half a one in which something came, at one rate."""
    hours, at = set(), 0.0
    while at < 1.5 * YEAR:
        hours.add(int(at))
        at += chance.expovariate(a_day / 24)
    return sorted(hours)


@pytest.mark.parametrize("weeks", [8, 26])
@pytest.mark.parametrize("a_day", [1 / 7, 0.3, 1, 4])
def test_what_comes_by_chance_is_seldom_called_silent(a_day: float, weeks: int) -> None:
    """In twenty years twice at most, at any rate and however much of it is known: seldom is not silent."""
    chance = random.Random(7)  # noqa: S311 - the same cases every time
    wrong = 0
    for _ in range(20):
        hours = _by_chance(chance, a_day)
        for place, (since, comes) in enumerate(pairwise(hours)):
            if since > YEAR / 2 and comes - since > HOURS_LEAST:
                known = hours[bisect_left(hours, comes - weeks * 168) : place + 1]
                wrong += silence(known, comes - 1) is not None

    assert wrong <= 2


@pytest.mark.parametrize(("a_day", "days"), [(0.3, 56), (1, 19), (4, 6), (24, 1.5)])
def test_what_came_by_chance_and_has_stopped_is_silent(a_day: float, days: float) -> None:
    """The more often it came, the sooner."""
    chance = random.Random(7)  # noqa: S311 - the same cases every time
    for _ in range(10):
        hours = _by_chance(chance, a_day)
        now = hours[-1] + int(days * 24)
        assert silence(hours[bisect_left(hours, now - YEAR // 2) :], now) is not None


def test_fewer_gaps_need_a_longer_silence() -> None:
    """Of the same uneven gaps: who has seen but a few of them waits for longer."""
    hours = [sum((20, 50, 90)[place % 3] for place in range(count)) for count in range(31)]

    assert silence(hours[-7:], hours[-1] + 400) is None
    assert Silence(hours[-1], 90) == silence(hours, hours[-1] + 400)
