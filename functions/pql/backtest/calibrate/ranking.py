"""How well a number ranks who converts: the area under the ROC curve, with DeLong's interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pql.backtest.figures.wilson import Z

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PLACES = 3  # of an area, as it is told


class Area(msgspec.Struct, frozen=True):
    """The chance that who converts stands above who does not, its standard error, and what it rests on."""

    value: float
    error: float
    conversions: int
    others: int

    @property
    def low(self) -> float:
        """Return the lower end of the 95 % interval."""
        return max(0.0, self.value - Z * self.error)

    @property
    def high(self) -> float:
        """Return the upper end of the 95 % interval."""
        return min(1.0, self.value + Z * self.error)

    @property
    def is_signal(self) -> bool:
        """Return whether the interval lies above one half, which is chance."""
        return self.low > 0.5

    @property
    def ranks_nobody(self) -> bool:
        """Return whether all stand at one height: the interval is of no width, as if chance were sure."""
        return self.error == 0.0 and abs(self.value - 0.5) < 1e-9

    @property
    def needed(self) -> int | None:
        """Return with how many conversions such an area would be told from chance; None at or below it."""
        gap = self.value - 0.5
        if gap <= 0.0:
            return None
        # Hanley and McNeil (1982) where those who do not convert are many.
        first = self.value / (2 - self.value)
        return math.ceil((first - self.value**2) * (Z / gap) ** 2) if self.value < 1.0 else self.conversions


class Gain(msgspec.Struct, frozen=True):
    """By how much one area is greater than another of the same subjects, and the standard error of that."""

    value: float
    error: float

    @property
    def low(self) -> float:
        """Return the lower end of the 95 % interval."""
        return self.value - Z * self.error

    @property
    def high(self) -> float:
        """Return the upper end of the 95 % interval."""
        return self.value + Z * self.error

    @property
    def is_shown(self) -> bool:
        """Return whether the interval lies above 0 as it is told, to three places.

        It is held against the least gain that can be told, and not against none: with enough subjects any
        gain is more than none (a minimum-effect test, Murphy and Myors 1999).
        """
        return round(self.low, PLACES) > 0


class Ranks(NamedTuple):
    """One block of subjects, ranked: the area, and each subject's part in it."""

    value: float
    converting: Floats
    others: Floats


def ranked(scores: Floats, converts: Floats) -> Ranks | None:
    """Return the parts of DeLong, DeLong and Clarke-Pearson (1988); None with fewer than two of a kind."""
    import numpy as np  # noqa: PLC0415 - of the extra `calibrate`

    above, below = scores[converts > 0], scores[converts == 0]
    if len(above) < 2 or len(below) < 2:
        return None
    ours, theirs = np.sort(above), np.sort(below)
    # Of those on the other side, how many stand below, ties counted half.
    low = np.searchsorted(theirs, above, "left") + np.searchsorted(theirs, above, "right")
    high = np.searchsorted(ours, below, "left") + np.searchsorted(ours, below, "right")
    converting, others = low / (2 * len(below)), 1 - high / (2 * len(above))
    return Ranks(float(converting.mean()), converting, others)


def area(blocks: Sequence[tuple[Floats, Floats]]) -> Area:
    """Return the area within blocks of (scores, whether they convert), each weighing as its pairs.

    Only subjects of one block are compared, so that neither a drift of the conversion rate nor that of
    the scale of a score passes for skill.
    """
    found = [one for one in (ranked(*block) for block in blocks) if one is not None]
    return _together(found, [_variance(one.converting, one.others) for one in found])


def advantage(blocks: Sequence[tuple[Floats, Floats, Floats]]) -> Gain:
    """Return by how much the first scores of each block have the greater area than the second."""
    found: list[Ranks] = []
    variances: list[float] = []
    for new, old, converts in blocks:
        ours, theirs = ranked(new, converts), ranked(old, converts)
        if ours is None or theirs is None:
            continue
        gain = Ranks(
            ours.value - theirs.value, ours.converting - theirs.converting, ours.others - theirs.others
        )
        found.append(gain)
        variances.append(_variance(gain.converting, gain.others))
    whole = _together(found, variances)
    return Gain(whole.value if found else 0.0, whole.error)


def _variance(converting: Floats, others: Floats) -> float:
    return float(converting.var(ddof=1) / len(converting) + others.var(ddof=1) / len(others))


def _together(found: Sequence[Ranks], variances: Sequence[float]) -> Area:
    pairs = [len(one.converting) * len(one.others) for one in found]
    total = sum(pairs)
    if not total:
        return Area(0.5, 0.5, 0, 0)
    value = sum(one.value * pair for one, pair in zip(found, pairs, strict=True)) / total
    variance = sum(one * (pair / total) ** 2 for one, pair in zip(variances, pairs, strict=True))
    converting, others = sum(len(one.converting) for one in found), sum(len(one.others) for one in found)
    return Area(value, math.sqrt(variance), converting, others)
