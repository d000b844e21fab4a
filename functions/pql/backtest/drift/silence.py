"""Silence: an event that has stopped arriving for much longer than it ever did."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import NamedTuple

# Gaps are told in whole hours: an event is noted once an hour.
HOURS_LEAST = 12
SEEN_LEAST = 5
LONGER = 2


class Silence(NamedTuple):
    """Since which hour (of the epoch) nothing came, and the longest gap before, in hours."""

    since: int
    usual: int


def silence(hours: Collection[int], now: int) -> Silence | None:
    """Return the silence at the hour `now` of what came in `hours` (of the epoch), None for none.

    The longest gap of the past weeks is what is usual, so that nights, weekends and the days between monthly
    runs are: twice that, and half a day at least, is silence. What came in fewer than five hours, or
    began less than three days before it ended, says nothing.
    """
    known = sorted(hours)
    if len(known) < SEEN_LEAST or known[-1] - known[0] < 3 * 24:
        return None
    usual = max(later - earlier for earlier, later in pairwise(known))
    since = known[-1]
    return Silence(since, usual) if now - since > max(LONGER * usual, HOURS_LEAST) else None
