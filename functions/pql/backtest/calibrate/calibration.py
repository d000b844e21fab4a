"""Fitting the points of a score to conversions, and whether there is anything to fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pql.backtest.calibrate.cohort import Cohort
from pql.backtest.calibrate.items import Item
from pql.backtest.calibrate.logistic import SUPPORT, Cells, Fit, cells, fit
from pql.backtest.calibrate.ranking import Area, Gain, advantage, area
from pql.backtest.calibrate.reliability import Bin, bins, brier
from pql.backtest.calibrate.shrinkage import Pull, chosen, fitted
from pql.backtest.calibrate.time_folds import Rows, Split, hold_out, walk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BLOCKS, HELD = 6, 2  # of six blocks with as many conversions each the last two are held out
FEWEST, FEWEST_EACH = 30, 5  # who convert, and who do not: in all, and for each item of the score
RESAMPLES = 200
LEAST_MOVE = 0.5  # points, below which all of them are as they were
PLAIN_SCALE = 100.0  # points in all, where at present there are none

# `few` convert, or do not; `none`: no signal; `kept`: the present points rank as well; `better`: others do.
Verdict = Literal["few", "none", "kept", "better"]


class Weight(msgspec.Struct, frozen=True):
    """What one item is worth in points: at present, fitted, and between which ends of 95 % of resamples.

    `subjects` and `converting` had it. Too few to tell anything (`known`) leave it as it is.
    """

    words: str
    present: float
    fitted: float
    low: float
    high: float
    subjects: int
    converting: int
    known: bool


class Fold(msgspec.Struct, frozen=True):
    """One block of newer subjects, the model of who was older, and how well that ranked them.

    `first` and `last` are when the subjects came of age (epoch ms).
    """

    first: int
    last: int
    subjects: int
    conversions: int
    learned: int
    area: Area
    pull: Pull
    points: list[float]


class Calibration(msgspec.Struct, frozen=True):
    """What fitting found.

    Areas are out of time: each block of subjects is ranked by what was learned from older ones. `plain`
    is the one item that ranked the older best, `free` an ordinary regression that nothing shrinks.
    `since` is when the first subject came of age that the proposal was not learned from (epoch ms),
    `lasts` how long the data are (ms). It was learned from the `older` of the subjects, of whom so many
    convert, and so were the weights.
    """

    verdict: Verdict
    age: int
    within: int
    subjects: int
    conversions: int
    young: int
    early: int
    censored: int
    needed: int | None = None
    overlaps: bool = False
    since: int | None = None
    older: int = 0
    older_conversions: int = 0
    lasts: int = 0
    pull: Pull | None = None
    fitted: Area | None = None
    present: Area | None = None
    plain: Area | None = None
    free: Area | None = None
    gain: Gain | None = None
    weights: list[Weight] = []
    folds: list[Fold] = []
    reliability: list[Bin] = []
    brier: float | None = None
    brier_base: float | None = None


def calibrate(found: Cohort, items: Sequence[Item], seed: int = 0) -> Calibration:
    """Return what fits the cohort; `seed` is that of the resampling behind the intervals of weights."""
    import numpy as np  # noqa: PLC0415 - of the extra `calibrate`

    rows = Rows(
        np.array([one.at for one in found.aged], dtype=np.int64),
        np.array([one.columns for one in found.aged], dtype=float).reshape(len(found.aged), len(items)),
        np.array([one.converts for one in found.aged], dtype=float),
    )
    least = max(FEWEST, FEWEST_EACH * len(items))
    fewer = min(found.conversions, len(found.aged) - found.conversions)
    split = hold_out(rows, found.within, BLOCKS, HELD) if fewer >= least else None
    if split is None:
        return _begun(found, "few", needed=least)
    present = [item.points for item in items]
    splits = list(walk(rows, found.within, BLOCKS))
    pulls = [chosen(one.older, present, found.within) for one in splits]
    models = [fitted(one.older, present, pull) for one, pull in zip(splits, pulls, strict=True)]
    ours = [(model.scores(one.newer.columns), one) for model, one in zip(models, splits, strict=True)]
    as_is = np.array(present, dtype=float)
    gain = advantage([(score, one.newer.columns @ as_is, one.newer.converts) for score, one in ours])
    whole = area([(score, one.newer.converts) for score, one in ours])
    pull = chosen(split.older, present, found.within)
    model = fitted(split.older, present, pull)
    verdict = _verdict(whole, gain, model, present)
    chances = model.chances(split.newer.columns)
    base = float(split.older.converts.mean())
    return _begun(
        found,
        verdict,
        needed=None if whole.is_signal else whole.needed,
        overlaps=split.overlaps or any(one.overlaps for one in splits),
        since=int(split.newer.at[0]),
        older=len(split.older.at),
        older_conversions=int(split.older.converts.sum()),
        pull=pull,
        fitted=whole,
        present=area([(one.newer.columns @ as_is, one.newer.converts) for one in splits]),
        plain=area([(_plain(one, as_is), one.newer.converts) for one in splits]),
        free=area([(_free(one), one.newer.converts) for one in splits]),
        gain=gain,
        weights=[] if verdict == "none" else _weights(split.older, items, model, pull, seed),
        folds=[
            _fold(one, score, made, pulled, present)
            for (score, one), made, pulled in zip(ours, models, pulls, strict=True)
        ],
        reliability=bins(chances, split.newer.converts),
        brier=brier(chances, split.newer.converts),
        brier_base=brier(np.full(len(chances), base), split.newer.converts),
    )


def _begun(found: Cohort, verdict: Verdict, **more: Any) -> Calibration:
    counts = (len(found.aged), found.conversions, found.young, found.early, found.censored)
    return Calibration(verdict, found.age, found.within, *counts, lasts=found.lasts, **more)


def points(model: Fit, present: Sequence[float]) -> list[float]:
    """Return the weights of a model in points, as many in all as there are at present; none of no weight."""
    import numpy as np  # noqa: PLC0415

    total = float(np.abs(np.array(present, dtype=float)).sum()) or PLAIN_SCALE
    weight = float(np.abs(model.weights).sum())
    return [float(one) / weight * total if weight else 0.0 for one in model.weights]


def _verdict(whole: Area, gain: Gain, model: Fit, present: Sequence[float]) -> Verdict:
    if not whole.is_signal or not model.weights.any():
        return "none"
    moved = max(abs(new - old) for new, old in zip(points(model, present), present, strict=True))
    return "better" if gain.is_shown and moved >= LEAST_MOVE else "kept"


def _fold(one: Split, score: Floats, made: Fit, pull: Pull, present: Sequence[float]) -> Fold:
    newer, older = one.newer, one.older
    return Fold(
        first=int(newer.at[0]),
        last=int(newer.at[-1]),
        subjects=len(newer.at),
        conversions=int(newer.converts.sum()),
        learned=int(older.converts.sum()),
        area=area([(score, newer.converts)]),
        pull=pull,
        points=points(made, present),
    )


def _plain(one: Split, present: Floats) -> Floats:
    """Return what the single item that ranks the older best makes of the newer."""
    import numpy as np  # noqa: PLC0415

    signs = np.where(present < 0, -1.0, 1.0)
    found = [
        area([(column * sign, one.older.converts)]).value
        for column, sign in zip(one.older.columns.T, signs, strict=True)
    ]
    best = int(np.argmax(found))
    ranking: Floats = one.newer.columns[:, best] * signs[best]
    return ranking


def _free(one: Split) -> Floats:
    """Return what an ordinary logistic regression of the older makes of the newer."""
    import warnings  # noqa: PLC0415 - sklearn says that way that weights run away, which is what is shown

    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(C=1e6, max_iter=1_000).fit(one.older.columns, one.older.converts)
    scores: Floats = model.decision_function(one.newer.columns)
    return scores


def _weights(rows: Rows, items: Sequence[Item], model: Fit, pull: Pull, seed: int) -> list[Weight]:
    import numpy as np  # noqa: PLC0415

    present = [item.points for item in items]
    data = cells(rows.columns, rows.converts)
    again = np.array([points(one, present) for one in _resampled(data, present, pull, seed)])
    ends = np.percentile(again, [2.5, 97.5], axis=0)
    weights = []
    for index, (item, worth) in enumerate(zip(items, points(model, present), strict=True)):
        having = rows.columns[:, index] != 0
        subjects = int(having.sum())
        full = int((rows.columns[:, index] == 1).sum())
        weights.append(
            Weight(
                words=item.words,
                present=item.points,
                fitted=worth,
                low=float(ends[0][index]),
                high=float(ends[1][index]),
                subjects=subjects,
                converting=int(rows.converts[having].sum()),
                known=subjects >= SUPPORT and len(having) - full >= SUPPORT,
            )
        )
    return weights


def _resampled(data: Cells, present: Sequence[float], pull: Pull, seed: int) -> list[Fit]:
    """Return models of as many subjects, drawn again from the same."""
    import numpy as np  # noqa: PLC0415

    draw = np.random.default_rng(seed)
    counts = np.concatenate([data.conversions, data.subjects - data.conversions])
    total, size, found = int(counts.sum()), len(data.subjects), []
    for _ in range(RESAMPLES):
        drawn = draw.multinomial(total, counts / counts.sum()).astype(float)
        one = Cells(data.columns, drawn[:size] + drawn[size:], drawn[:size])
        found.append(fit(one, present, pull.strength, equal=pull.equal))
    return found
