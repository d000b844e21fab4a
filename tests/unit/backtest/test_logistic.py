"""The fit: an ordinary logistic regression where nothing pulls or bounds it, and the prior where all does."""

from __future__ import annotations

import numpy as np
import pytest

from pql.backtest.calibrate.logistic import Cells, Fit, cells, fit


def drawn(truth: list[float], size: int = 4_000, seed: int = 0) -> Cells:
    """Return subjects whose items are worth `truth` in logits."""
    draw = np.random.default_rng(seed)
    columns = (draw.random((size, len(truth))) < 0.4).astype(float)
    chances = 1 / (1 + np.exp(2 - columns @ np.array(truth)))
    return cells(columns, (draw.random(size) < chances).astype(float))


def ordinary(data: Cells) -> Fit:
    """Return what scikit-learn makes of the same subjects."""
    # Here, for it takes a second or two of every worker that collects this file.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    columns = np.concatenate([data.columns, data.columns])
    labels = np.repeat([1.0, 0.0], len(data.subjects))
    counts = np.concatenate([data.conversions, data.subjects - data.conversions])
    model = LogisticRegression(C=1e8, tol=1e-10, max_iter=5_000).fit(columns, labels, counts)
    return Fit(float(model.intercept_[0]), model.coef_[0])


def test_without_a_pull_it_is_ordinary_logistic_regression() -> None:
    """Where no weight meets its bound, scikit-learn finds the same."""
    data = drawn([1.5, 1.0, 0.5])
    mine, theirs = fit(data, [10, 10, 10], 1e-9), ordinary(data)

    assert pytest.approx(theirs.weights, abs=1e-4) == mine.weights
    assert pytest.approx(theirs.intercept, abs=1e-4) == mine.intercept


def test_an_endless_pull_keeps_the_present_proportions() -> None:
    """Only the scale of the points is fitted then, so that the ranking is the present one."""
    found = fit(drawn([0.5, 1.0, 1.5]), [30, 20, 10], 1e12).weights

    assert pytest.approx([3.0, 2.0, 1.0], rel=1e-3) == found / found[2]


@pytest.mark.parametrize("equal", [False, True])
def test_a_pull_lies_between_data_and_prior(equal: bool) -> None:  # noqa: FBT001 - both priors
    """The more it pulls, the nearer the weights are to the prior."""
    data = drawn([2.0, 0.2, 0.2], size=500)
    prior = fit(data, [1, 5, 3], 1e12, equal=equal).weights
    away = [
        np.abs(fit(data, [1, 5, 3], pull, equal=equal).weights - prior).sum()
        for pull in (0.1, 1.0, 10.0, 100.0)
    ]

    assert away == sorted(away, reverse=True)


def test_no_weight_has_another_sign_than_its_points() -> None:
    """What gives points and goes with fewer conversions is worth nothing, and never takes any."""
    found = fit(drawn([1.0, -1.0, 1.0]), [10, 10, -10], 0.001).weights

    assert found[0] > 0.5
    assert [0.0, 0.0] == found[1:].tolist()


def test_an_item_that_few_have_keeps_its_prior() -> None:
    """Nineteen subjects who all convert do not make an item worth more."""
    columns = np.zeros((1_000, 2))
    columns[:400, 0] = 1
    columns[:19, 1] = 1
    converts = np.zeros(1_000)
    converts[:150] = 1
    found = fit(cells(columns, converts), [10, 10], 0.001).weights
    prior = fit(cells(columns, converts), [10, 10], 1e12).weights

    assert prior[1] == found[1]
