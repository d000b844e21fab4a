"""Logistic regression whose weights keep their sign and are shrunk towards those that stand in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# What pulls a weight to its prior, as 1 / variance in logits: from hardly anything to nothing else.
PULLS = (1e-3, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1e4)
STEPS, HALVINGS, NEAR_ENOUGH = 60, 30, 1e-7
TINY = 1e-9  # keeps the curvature solvable where nobody converts
SUPPORT = 20  # subjects on either side of an item, below which its weight is that of the prior


class Cells(NamedTuple):
    """Subjects added up by equal columns: each row of `columns` stands for `subjects` of whom some convert.

    All that a fit needs, and few rows where columns are mostly 0 and 1.
    """

    columns: Floats
    subjects: Floats
    conversions: Floats


class Fit(NamedTuple):
    """A model: logit = `intercept` + `weights` · columns."""

    intercept: float
    weights: Floats

    def scores(self, columns: Floats) -> Floats:
        """Return the part of the logit that tells subjects apart."""
        found: Floats = columns @ self.weights
        return found

    def chances(self, columns: Floats) -> Floats:
        """Return the chance to convert."""
        import numpy as np  # noqa: PLC0415

        found: Floats = 1 / (1 + np.exp(-(self.intercept + self.scores(columns))))
        return found


def cells(columns: Floats, converts: Floats) -> Cells:
    """Return the cells of subjects, given row by row."""
    import numpy as np  # noqa: PLC0415

    rows, index = np.unique(columns, axis=0, return_inverse=True)
    index = index.reshape(-1)
    size = len(rows)
    ones = np.ones(len(index))
    return Cells(rows, *(np.bincount(index, one, size).astype(float) for one in (ones, converts)))


def fit(data: Cells, present: Sequence[float], pull: float, *, equal: bool = False) -> Fit:
    """Return the model whose weights are nearest to data and prior; none has another sign than at present.

    The prior is the present points, or (`equal`) the same for every item, times the scale that suits the
    data best: with an endless `pull` the model ranks as the present points do. An item of which too few
    subjects tell anything keeps its prior.
    """
    import numpy as np  # noqa: PLC0415

    signs = np.where(np.asarray(present) < 0, -1.0, 1.0)
    turned = data._replace(columns=data.columns * signs)
    shares = np.abs(np.asarray(present, dtype=float))
    if equal or not shares.sum():
        shares = np.ones(len(shares))
    shares = shares / shares.sum()
    scaling = turned._replace(columns=(turned.columns @ shares)[:, None])
    start, scale = _solved(scaling, np.zeros(1), np.full(1, 1e-6), np.array([[0.0, np.inf]]))
    prior = shares * scale[0]
    here = turned.subjects @ (data.columns != 0)
    known = (here >= SUPPORT) & (turned.subjects.sum() - turned.subjects @ (data.columns == 1) >= SUPPORT)
    bounds = np.stack([np.where(known, 0.0, prior), np.where(known, np.inf, prior)], axis=1)
    intercept, weights = _solved(turned, prior, np.full(len(prior), pull), bounds, start)
    return Fit(intercept, weights * signs)


def _solved(
    data: Cells, prior: Floats, pull: Floats, bounds: Floats, start: float | None = None
) -> tuple[float, Floats]:
    """Return intercept and weights at the least loss, which is convex: Newton's method, kept within bounds.

    Weights at a bound that the slope pushes against are left there, the others take Newton's step, cut
    back to the bounds (Bertsekas 1982) and halved until it gains something.
    """
    import numpy as np  # noqa: PLC0415

    columns = np.concatenate([np.ones((len(data.columns), 1)), data.columns], axis=1)
    base = (data.conversions.sum() + 0.5) / (data.subjects.sum() + 1)
    centre = np.concatenate([[np.log(base / (1 - base)) if start is None else start], prior])
    weight = np.concatenate([[0.0], pull])
    low = np.concatenate([[-np.inf], bounds[:, 0]])
    high = np.concatenate([[np.inf], bounds[:, 1]])
    point, aim = centre, _Aim(columns, data, centre, weight)
    for _ in range(STEPS):
        value, slope, curve = aim.at(point)
        stuck = ((point <= low) & (slope > 0)) | ((point >= high) & (slope < 0))
        free = np.flatnonzero(~stuck)
        step = np.zeros(len(point))
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        for halving in range(HALVINGS):
            further = np.clip(point - step / 2**halving, low, high)
            if aim.loss(further) <= value:
                break
        else:
            break
        moved = np.abs(further - point).max()
        point = further
        if moved < NEAR_ENOUGH:
            break
    return float(point[0]), point[1:]


class _Aim(NamedTuple):
    """What is made small: the log loss of the cells and the pull to the prior."""

    columns: Floats
    data: Cells
    centre: Floats
    pull: Floats

    def loss(self, point: Floats) -> float:
        """Return the loss at a point."""
        import numpy as np  # noqa: PLC0415

        logits, away = self.columns @ point, point - self.centre
        lost = self.data.subjects @ np.logaddexp(0, logits) - self.data.conversions @ logits
        return float(lost + 0.5 * (self.pull * away) @ away)

    def at(self, point: Floats) -> tuple[float, Floats, Floats]:
        """Return the loss at a point, its slope and its curvature."""
        import numpy as np  # noqa: PLC0415

        chances = 1 / (1 + np.exp(-(self.columns @ point)))
        missing = self.data.subjects * chances - self.data.conversions
        slope = missing @ self.columns + self.pull * (point - self.centre)
        spread = (self.data.subjects * chances * (1 - chances))[:, None] * self.columns
        curve = self.columns.T @ spread + np.diag(self.pull + TINY)
        return self.loss(point), slope, curve
