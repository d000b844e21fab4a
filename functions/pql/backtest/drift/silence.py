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


def silence(hours: Collection[int], now: int, outages: Collection[int] = ()) -> Silence | None:
    """Return the silence at the hour `now` of what came in `hours` (of the epoch), None for none.

    The longest gap of the past weeks is what is usual, so that nights, weekends and the days between monthly
    runs are: longer than twice that, and than half a day, is silence. Until it has come for two weeks, no
    weekend is silence either, whatever the gaps were. What came in fewer than five hours, or began less
    than three days before it ended, says nothing. A gap that was told as silence, since one of the hours
    `outages`, is not usual because it is over: only a second one is, up to the length of the shorter.
    """
    known = sorted(hours)
    if len(known) < SEEN_LEAST or known[-1] - known[0] < 3 * 24:
        return None
    gaps = [(later - earlier, earlier in outages) for earlier, later in pairwise(known)]
    told = sorted((gap for gap, was_told in gaps if was_told), reverse=True)
    usual = max([*(gap for gap, was_told in gaps if not was_told), *told[1:]], default=told[0] if told else 0)
    since = known[-1]
    least = HOURS_LEAST if since - known[0] >= KNOWN else WEEKEND
    return Silence(since, usual) if now - since > max(LONGER * usual, least) else None
