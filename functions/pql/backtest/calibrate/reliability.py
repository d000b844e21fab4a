"""Whether chances are what they say: the share that converts of those who were given so much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pql.backtest.figures.wilson import Share, share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST = 10  # bins
LEAST_IN_BIN = 20  # subjects


class Bin(msgspec.Struct, frozen=True):
    """Subjects with about the same chance: what they were given on average, and the share that converts."""

    chance: float
    converting: Share


def bins(chances: Floats, converts: Floats) -> list[Bin]:
    """Return up to ten bins with about as many subjects each, from the least chance on.

    Who has the same chance is in the same bin, so that there may be fewer.
    """
    import numpy as np  # noqa: PLC0415 - of the extra `calibrate`

    order = np.argsort(chances, kind="stable")
    chances, converts = chances[order], converts[order]
    wanted = max(LEAST_IN_BIN, -(-len(chances) // MOST))
    found, first = [], 0
    while first < len(chances):
        last = min(len(chances), first + wanted)
        last = int(np.searchsorted(chances, chances[last - 1], "right"))
        here = converts[first:last]
        found.append(Bin(float(chances[first:last].mean()), share(int(here.sum()), len(here))))
        first = last
    return found


def brier(chances: Floats, converts: Floats) -> float:
    """Return the mean squared distance of chance and outcome (Brier 1950): the less, the better."""
    return float(((chances - converts) ** 2).mean())
