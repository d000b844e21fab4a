"""The area under the curve, against scikit-learn's and against what can be counted."""

from __future__ import annotations

import numpy as np
import pytest

from pql.backtest.calibrate.ranking import Area, Gain, advantage, area


def drawn(seed: int, size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return scores in few steps, so that there are ties, and who converts."""
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, 8, size) / 2
    return scores, (draw.random(size) < (scores + 1) / 8).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_that_of_scikit_learn(seed: int) -> None:
    """Ties count half on both sides."""
    # Here, for it takes a second or two of every worker that collects this file.
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    scores, converts = drawn(seed)

    assert pytest.approx(roc_auc_score(converts, scores)) == area([(scores, converts)]).value


def test_the_error_is_about_what_drawing_again_finds() -> None:
    """DeLong's standard error is within a tenth of the spread over resamples."""
    scores, converts = drawn(1)
    draw = np.random.default_rng(0)
    again = [area([(scores[one], converts[one])]).value for one in draw.integers(0, 400, (600, 400))]

    assert pytest.approx(np.std(again), rel=0.1) == area([(scores, converts)]).error


def test_only_subjects_of_one_block_are_compared() -> None:
    """A score that only tells apart when somebody came ranks nobody."""
    early, late = np.zeros(10), np.ones(10)
    few, many = np.array([1.0] * 2 + [0.0] * 8), np.array([1.0] * 8 + [0.0] * 2)

    assert area([(early, few), (late, many)]).value == 0.5
    assert area([(np.concatenate([early, late]), np.concatenate([few, many]))]).value > 0.75


def test_a_score_has_no_advantage_over_itself() -> None:
    """Nor has it one over itself in another scale."""
    scores, converts = drawn(2)
    found = advantage([(scores, scores * 7 + 1, converts)])

    assert (0.0, 0.0) == (found.value, found.error)


@pytest.mark.parametrize(
    ("value", "error", "is_shown"),
    [(0.002, 0.0009, False), (0.002, 0.0007, True), (0.0004, 0.0, False), (-0.2, 0.01, False)],
)
def test_a_gain_is_shown_if_its_interval_is_told_to_lie_above_nothing(
    value: float, error: float, *, is_shown: bool
) -> None:
    """To three places, as people read it: `+0.000 to +0.004` is no more than none."""
    assert is_shown == Gain(value, error).is_shown


def test_a_block_without_two_who_convert_says_nothing() -> None:
    """Then the area is that of chance, and no signal."""
    found = area([(np.arange(9.0), np.array([1.0] + [0.0] * 8))])

    assert (0.5, 0, False) == (found.value, found.conversions, found.is_signal)


def test_so_many_conversions_as_are_said_to_be_needed_are_enough() -> None:
    """With them the interval of the same area ends at one half, by Hanley and McNeil."""
    needed = Area(0.6, 0.2, 5, 1000).needed
    variance = 0.6 / 1.4 - 0.36

    assert needed is not None
    assert 1.96 * (variance / needed) ** 0.5 <= 0.1 < 1.96 * (variance / (needed - 1)) ** 0.5
