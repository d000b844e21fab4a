"""Silence: an event that has stopped arriving for longer than it ever did, and than chance explains."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

# Gaps are told in whole hours: an event is noted once an hour.
HOURS_LEAST = 12
SEEN_LEAST = 5
LONGER = 2
# Who does not know two weekends yet may know none: they are up to 72 hours without an event.
KNOWN = 14 * 24
WEEKEND = 72
# What is usual is what was in these eight weeks, or among the newest gaps where they are seldom: of those
# that come by chance fewer would never tell silence from luck.
SIGHT = 8 * 7 * 24
GAPS_LEAST = 30
# How often a year an event that is well and comes by chance may be called silent, at any rate.
CHANCE = 1 / 20
_YEAR = 365 * 24


class Silence(NamedTuple):
    """Since which hour (of the epoch) nothing came, and the longest gap before, in hours."""

    since: int
    usual: int


def silence(hours: Collection[int], now: int, outages: Collection[int] = ()) -> Silence | None:
    """Return the silence at the hour `now` of what came in `hours` (of the epoch), None for none.

    The longest gap of the past weeks is what is usual, so that nights, weekends and the days between monthly
    runs are: longer than twice that, than half a day, and than chance explains is silence. Until it has
    come for two weeks, no weekend is silence either, whatever the gaps were. What came in fewer than five
    hours, or began less than three days before it ended, says nothing. A gap that was told as silence, since
    one of the hours `outages`, is not usual because it is over: only a second one is, up to the length of
    the shorter.
    """
    known = _in_sight(sorted(hours))
    if len(known) < SEEN_LEAST or known[-1] - known[0] < 3 * 24:
        return None
    gaps = [(later - earlier, earlier in outages) for earlier, later in pairwise(known)]
    untold = [gap for gap, was_told in gaps if not was_told]
    told = sorted((gap for gap, was_told in gaps if was_told), reverse=True)
    usual = max([*untold, *told[1:]], default=told[0] if told else 0)
    since = known[-1]
    least = HOURS_LEAST if since - known[0] >= KNOWN else WEEKEND
    quiet = now - since
    if quiet <= max(LONGER * usual, least) or quiet <= _by_chance(known, untold):
        return None
    return Silence(since, usual)


def _in_sight(known: Sequence[int]) -> Sequence[int]:
    """Return the hours of the last eight weeks it came, and those before them while they are few."""
    begin = next((place for place, hour in enumerate(known) if hour >= known[-1] - SIGHT), 0)
    return known[max(0, min(begin, len(known) - 1 - GAPS_LEAST)) :]


def _by_chance(known: Sequence[int], gaps: Sequence[int]) -> float:
    """Return the longest that chance explains, in hours: `CHANCE` of a longer one a year.

    Of whatever comes by chance at one rate, gaps are exponential; two bounds hold then, each in all but half
    of `CHANCE`, and the lower one counts. Of n gaps and one more that is k times as long as the longest the
    chance is 1 / C(n + k, k); several hours of one half day are one, for they seldom come by chance. What
    n gaps exceed the shortest of them by has the sum s; that one more exceeds it by c * s has the chance
    (1 + c) ** (1 - n). The second is about gaps of more than half a day alone, and low where they are alike:
    nights, weekends, weekly runs.
    """
    years = (known[-1] - known[0]) / _YEAR
    halves = len({hour // HOURS_LEAST for hour in known}) - 1
    bounds = [max(gaps, default=0) * _times(halves, 2 / CHANCE * halves / years)]
    long = sorted(gap for gap in gaps if gap > HOURS_LEAST)
    if not long:
        return 0
    if len(long) > 1:
        ratio = math.pow(2 / CHANCE * len(long) / years, 1 / (len(long) - 1)) - 1
        bounds.append(long[0] + ratio * sum(gap - long[0] for gap in long))
    return min(bounds)


def _times(gaps: int, odds: float) -> float:
    """Return k, to a tenth above, of which C(gaps + k, k) is `odds` at least."""
    wanted, k = math.log(odds), 1.0
    while math.lgamma(gaps + k + 1) - math.lgamma(gaps + 1) - math.lgamma(k + 1) < wanted:
        k *= 1.1
    return k
