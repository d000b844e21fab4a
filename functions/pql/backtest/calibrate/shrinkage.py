"""How strongly weights are pulled to what stands in the file: as strongly as newer subjects allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from pql.backtest.calibrate.logistic import PULLS, Fit, cells, fit
from pql.backtest.calibrate.time_folds import LEAST, Rows, walk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Pull(msgspec.Struct, frozen=True, order=True):
    """What weights are pulled to, the present points or `equal` ones, and how strongly."""

    strength: float
    equal: bool = False


STRONGEST = Pull(PULLS[-1])
# From the most shrunk on, and the present before equal ones.
CANDIDATES = tuple(Pull(one, equal) for one in reversed(PULLS) for equal in (False, True))
INNER = 3  # blocks


def chosen(rows: Rows, present: Sequence[float], within: int) -> Pull:
    """Return the strongest pull whose loss on newer subjects is within one standard error of the least.

    One standard error, because with few conversions the least of many losses is mostly luck.
    """
    import numpy as np  # noqa: PLC0415 - of the extra `calibrate`

    if rows.converts.sum() < 2 * LEAST:
        return STRONGEST
    found: list[list[Floats]] = [[] for _ in CANDIDATES]
    for older, newer, _ in walk(rows, within, INNER):
        data = cells(older.columns, older.converts)
        for index, one in enumerate(CANDIDATES):
            made = fit(data, present, one.strength, equal=one.equal)
            found[index].append(losses(made, newer))
    if not found[0]:
        return STRONGEST
    lost = np.stack([np.concatenate(one) for one in found])
    best = int(np.argmin(lost.mean(axis=1)))
    for one, mine in zip(CANDIDATES, lost, strict=True):
        more = mine - lost[best]
        if more.mean() <= more.std() / np.sqrt(len(more)):
            return one
    return CANDIDATES[best]


def fitted(rows: Rows, present: Sequence[float], pull: Pull) -> Fit:
    """Return the model of these subjects at a pull."""
    return fit(cells(rows.columns, rows.converts), present, pull.strength, equal=pull.equal)


def losses(made: Fit, rows: Rows) -> Floats:
    """Return the log loss of each subject, as an array."""
    import numpy as np  # noqa: PLC0415

    logits = made.intercept + made.scores(rows.columns)
    lost: Floats = np.logaddexp(0, logits) - rows.converts * logits
    return lost
