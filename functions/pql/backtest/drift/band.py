"""The band in which a count is to be expected after what was counted before, and a share likewise.

Counts of weeks are overdispersed Poisson: the negative binomial with the mean of the weeks before, their
variance, and the doubt about that mean (https://en.wikipedia.org/wiki/Negative_binomial_distribution).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

# For each look. Seven days that end now are looked at four times a day for a flood, whole weeks once for a
# drought: of thirty rules that are well less than one leaves it in three years (tests/bench/false_alarms.py).
ABOVE = 0.00001
BELOW = 0.0002
WEEKS_LEAST = 4
# Fewer leads than these in a week say nothing, however rare they were before.
FLOOD_LEAST = 5
COHORT_LEAST = 20
_FURTHEST = 10_000_000


class Band(NamedTuple):
    """What is to be expected: from `low` to `high`, both within."""

    low: float
    high: float

    def side(self, value: float) -> int:
        """Return -1 for what lies below it, 1 for above, else 0."""
        return (value > self.high) - (value < self.low)


def counts(weeks: Sequence[int]) -> Band | None:
    """Return the band of the next week's count after these; None if they are too few to say."""
    if len(weeks) < WEEKS_LEAST:
        return None
    mean = sum(weeks) / len(weeks)
    spread = sum((one - mean) ** 2 for one in weeks) / (len(weeks) - 1)
    # A mean of nothing is not known to be nothing: half a lead in all these weeks.
    likely = max(mean, 0.5 / len(weeks))
    variance = max(spread, likely) + likely / len(weeks) + max(spread - mean, 0.0) / len(weeks)
    low, high = _quantiles(likely, variance)
    return Band(low, max(high, FLOOD_LEAST - 1))


def shares(hits: int, of: int, low: int, now: int) -> Band | None:
    """Return the band of the share of hits among the next `now`, after `hits` of `of`; None for too few.

    `low` is the least number that says anything.
    """
    if of < low or now < low:
        return None
    share = (hits + 0.5) / (of + 1)
    error = 3.3 * math.sqrt(share * (1 - share) * (1 / now + 1 / of))
    return Band(max(0.0, share - error), min(1.0, share + error))


def _quantiles(mean: float, variance: float) -> tuple[int, int]:
    """Return the most with less than `BELOW` below it, and the least with less than `ABOVE` above it."""
    extra = max(variance - mean, 1e-9 * mean)
    size = mean * mean / extra
    chance = size / (size + mean)
    below, low = 0.0, 0
    for count in range(_FURTHEST):
        below += math.exp(
            math.lgamma(count + size)
            - math.lgamma(size)
            - math.lgamma(count + 1)
            + size * math.log(chance)
            + count * math.log1p(-chance)
        )
        if below < BELOW:
            low = count + 1
        if below > 1 - ABOVE:
            return low, count
    return low, _FURTHEST
