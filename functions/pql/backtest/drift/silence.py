"""Silence: an event that has stopped arriving for much longer than it ever did."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import NamedTuple

# Gaps are told in whole hours: an event is noted once an hour.
HOURS_LEAST = 12
SEEN_LEAST = 5
LONGER = 2
# Who does not know two weekends yet may know none: they are up to 72 hours without an event.
KNOWN = 14 * 24
WEEKEND = 72


class Silence(NamedTuple):
    """Since which hour (of the epoch) nothing came, and the longest gap before, in hours."""

    since: int
    usual: int


def silence(hours: Collection[int], now: int) -> Silence | None:
    """Return the silence at the hour `now` of what came in `hours` (of the epoch), None for none.

    The longest gap of the past weeks is what is usual, so that nights, weekends and the days between monthly
    runs are: longer than twice that, and than half a day, is silence. Until it has come for two weeks, no
    weekend is silence either, whatever the gaps were. What came in fewer than five hours, or began less
    than three days before it ended, says nothing.
    """
    known = sorted(hours)
    if len(known) < SEEN_LEAST or known[-1] - known[0] < 3 * 24:
        return None
    usual = max(later - earlier for earlier, later in pairwise(known))
    since = known[-1]
    least = HOURS_LEAST if since - known[0] >= KNOWN else WEEKEND
    return Silence(since, usual) if now - since > max(LONGER * usual, least) else None
