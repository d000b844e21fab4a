"""Calibration: it recovers what was planted, and proposes nothing where nothing was."""

from __future__ import annotations

import math
import os

import msgspec
import numpy as np
import pytest

from fakes.courses import course
from fakes.people import pack_of
from pql.backtest.calibrate.calibrated import told
from pql.backtest.calibrate.calibration import Calibration, Weight, calibrate
from pql.backtest.calibrate.cohort import Aged, Cohort
from pql.backtest.calibrate.items import Item, Items
from pql.backtest.calibrate.proposal import Effect, Proposal
from pql.backtest.calibrate.ranking import Area, Gain
from pql.backtest.calibrate.shrinkage import Pull
from pql.backtest.figures.figures import figures
from pql.core.plain_words import number
from pql.core.window import DAY

RULES = """
signals: {reports: {count: Report Created}}
scores: {heat: [{points: 20, when: {signal: reports, at_least: 1}}]}
rules: {hot: {when: {score: heat, at_least: 20}, title: t, reason: r}}
"""


def drawn(
    seed: int, truth: list[float], size: int, base: float = -2.5, shuffled: int | None = None
) -> Cohort:
    """Return a cohort of three years whose items are worth `truth` in logits; labels may be shuffled."""
    draw = np.random.default_rng(seed)
    columns = (draw.random((size, len(truth))) < 0.3).astype(float)
    converts = draw.random(size) < 1 / (1 + np.exp(-base - columns @ np.array(truth)))
    if shuffled is not None:
        converts = np.random.default_rng(shuffled).permutation(converts)
    at = np.sort(draw.integers(0, 1_000, size)) * DAY
    aged = [
        Aged(str(index), int(at[index]), [*map(float, columns[index])], bool(converts[index]))
        for index in range(size)
    ]
    return Cohort(aged, 14 * DAY, 30 * DAY)


def items(*points: float) -> list[Item]:
    """Return items with these points at present."""
    return [Item(index, one, f"item {index}") for index, one in enumerate(points)]


def test_planted_weights_come_back_in_their_order() -> None:
    """Equal points are found to be wrong, and by about how much."""
    found = calibrate(drawn(0, [2.0, 1.0, 0.0], 2_500, base=-3.5), items(20, 20, 20))
    worth = [one.fitted for one in found.weights]

    assert "better" == found.verdict
    assert worth == sorted(worth, reverse=True)
    assert pytest.approx([40, 20, 0], abs=8) == worth
    assert all(one.low <= one.fitted <= one.high for one in found.weights)


def test_points_that_are_right_stay() -> None:
    """What newer subjects do not show to be better is not proposed."""
    found = calibrate(drawn(1, [2.0, 1.0, 0.5], 2_000, base=-3.5), items(40, 20, 10))

    assert "kept" == found.verdict
    assert found.present is not None
    assert found.present.is_signal


def test_a_gain_that_is_told_as_nothing_moves_no_points() -> None:
    """Hardly anybody has the second item: other points rank better for sure, by one pair in 3,000."""
    draw, size = np.random.default_rng(0), 40_000
    columns = np.stack([draw.random(size) < 0.3, draw.random(size) < 0.001], axis=1).astype(float)
    converts = draw.random(size) < 1 / (1 + np.exp(2.5 - columns @ np.array([2.0, 3.0])))
    at = np.sort(draw.integers(0, 1_000, size)) * DAY
    aged = [
        Aged(str(index), int(at[index]), [*map(float, columns[index])], bool(converts[index]))
        for index in range(size)
    ]
    found = calibrate(Cohort(aged, 14 * DAY, 30 * DAY), items(40, 5))
    first = next(told(found, Items(pack_of(RULES), "heat")))

    assert "kept" == found.verdict
    assert found.gain is not None
    assert 0 < found.gain.low < found.gain.value < 0.0005
    assert max(abs(one.fitted - one.present) for one in found.weights) > 10
    assert (
        "heat: nothing is proposed: other points would rank newer accounts better by next to nothing "
        "(AUC +0.000, 95 % interval +0.000 to +0.001)"
    ) == first


def test_who_was_learned_from_is_said_apart_from_whom_it_was_tried_on() -> None:
    """The newest third of conversions teaches nothing; the items are counted among the others."""
    cohort = drawn(1, [2.0, 1.0], 2_000, base=-3.5)
    found = calibrate(cohort, items(20, 10))
    older = [one for one in cohort.aged if one.at <= (found.since or 0) - cohort.within]
    lines = [*told(found, Items(pack_of(RULES), "heat"))]

    assert (len(older), sum(one.converts for one in older)) == (found.older, found.older_conversions)
    assert found.older < found.subjects
    assert any(line.startswith(f"looked at {number(found.subjects)} accounts at the age") for line in lines)
    converted = f"of whom {number(found.older_conversions)} converted"
    assert f"fitted to the older {number(found.older)} of them, {converted}" in lines
    assert any(f"of {number(found.older)} had it  converted" in line for line in lines)


def test_points_that_no_resample_moves_have_no_interval() -> None:
    """One item has all the points there are, whoever is drawn: `20 to 20` would look exact."""
    found = calibrate(drawn(1, [2.0], 2_000, base=-3.5), items(20))
    (told_of,) = (line for line in told(found, Items(pack_of(RULES), "heat")) if "item 0" in line)

    assert (20.0, 20.0) == (found.weights[0].low, found.weights[0].high)
    assert "held to what it was" in told_of
    assert "20 to 20" not in told_of


def test_weights_that_are_pulled_to_be_equal_have_no_interval() -> None:
    """`25 to 25` of four items would look exact, where it is how the fit was held."""
    pull = Pull(1e4, equal=True)
    weight = Weight("item", 40, 25.0, 24.9, 25.1, 60, 9, known=True)
    weights = [weight, *(msgspec.structs.replace(weight, present=20.0) for _ in range(3))]
    at = Area(0.7, 0.05, 60, 400)
    gain = Gain(0.1, 0.01)
    found = Calibration("better", DAY, DAY, 500, 60, 0, 0, 0, fitted=at, present=at, plain=at, free=at)
    found = msgspec.structs.replace(found, gain=gain, pull=pull, weights=weights)
    shown = "\n".join(told(found, Items(pack_of(RULES), "heat")))

    assert 4 == shown.count("held to equal points")
    assert "25 to 25" not in shown


def test_a_fit_that_ranks_nobody_is_said_to() -> None:
    """All items tell against converting and may not turn: `0.500 to 0.500` would look like sure chance."""
    found = calibrate(drawn(6, [-2.0, -2.0], 2_000, base=-1.0), items(20, 20))
    shown = "\n".join(told(found, Items(pack_of(RULES), "heat")))

    assert "none" == found.verdict
    assert "nothing is proposed: no signal: the fit ranks nobody" in shown
    assert "  fitted points   ranks nobody" in shown
    assert "0.500" not in shown


def test_shuffled_labels_have_no_signal() -> None:
    """Of all shuffles of one strong signal nineteen of twenty are not taken for one."""
    seeds = range(20 if os.environ.get("PQL_HISTORIES") else 5)
    found = [calibrate(drawn(2, [2.0, 1.0], 500, shuffled=seed), items(20, 20)).verdict for seed in seeds]

    assert found.count("none") >= math.ceil(19 * len(seeds) / 20)


def test_few_conversions_are_said_to_be_few() -> None:
    """With a number of how many there should be, and no weights at all."""
    found = calibrate(drawn(3, [2.0, 1.0], 100), items(20, 20))

    assert ("few", 30, []) == (found.verdict, found.needed, found.weights)
    assert "few" == calibrate(Cohort([], DAY, DAY), items(20)).verdict


@pytest.mark.parametrize("since", [0, 400, 900])
def test_who_all_convert_teach_nothing(since: int) -> None:
    """From the first day on there are none to tell them from; from some later day on there are still some."""
    cohort = drawn(3, [2.0, 1.0], 400)
    converting = [one._replace(converts=one.converts or one.at >= since * DAY) for one in cohort.aged]
    found = calibrate(cohort._replace(aged=converting), items(20, 20))
    reason = next(told(found, Items(pack_of(RULES), "heat")))

    assert (since == 0) == (found.verdict == "few")
    assert (since == 0) == ("too few: 0 that did not convert of at least 30" in reason)


def test_what_the_fit_is_held_against_is_learned_from_the_older_as_well() -> None:
    """The one item that ranked them best, and the share of them that converts."""
    cohort = drawn(4, [3.0, 0.0], 2_000, base=-3.5)
    found = calibrate(cohort, items(20, 20))
    newer = [one for one in cohort.aged if one.at >= (found.since or 0)]
    turned = [one._replace(columns=one.columns[::-1]) if one in newer else one for one in cohort.aged]
    other = calibrate(cohort._replace(aged=turned), items(20, 20))
    base, converts = found.older_conversions / found.older, [one.converts for one in newer]

    assert found.plain is not None
    assert other.plain is not None
    assert other.plain.value < found.plain.value - 0.05
    assert sum((base - one) ** 2 for one in converts) / len(newer) == pytest.approx(found.brier_base)


def test_the_newest_labels_change_nothing_that_is_learned() -> None:
    """What the held-out third became of is not looked at by the weights: nothing leaks."""
    cohort = drawn(4, [2.0, 1.0, 0.0], 2_500, base=-3.5)
    found = calibrate(cohort, items(20, 20, 20))
    turned = [
        one._replace(columns=one.columns[::-1]) if one.at >= (found.since or 0) else one
        for one in cohort.aged
    ]

    assert _learned(found) == _learned(calibrate(cohort._replace(aged=turned), items(20, 20, 20)))


def _learned(found: Calibration) -> tuple[object, ...]:
    return found.since, found.pull, [(one.fitted, one.low, one.high) for one in found.weights]


@pytest.mark.parametrize(("who", "whom"), [("a:ada", "accounts"), ("p:ada", "people")])
def test_an_effect_says_of_whom_it_is(who: str, whom: str) -> None:
    """A rule about people makes leads of no account."""
    (hot,) = figures(course({who: (0, 9)}, {"hot": [(who, 5)]})).rules
    made = Proposal("r.yaml", "", "", "", 1, [Effect("hot", hot.precision, hot, hot)], [])
    shown = [*told(Calibration("kept", DAY, DAY, 1, 1, 0, 0, 0), Items(pack_of(RULES), "heat"), made)]

    assert [["rule", whom, "precision"]] == [line.split()[:3] for line in shown if line.startswith("rule")]
