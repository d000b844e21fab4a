"""How long before its conversion an account was a lead."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec

from pql.core.window import DAY

# Days at which the bars of the histogram begin: fine where sales calls, coarse where nobody remembers.
EDGES = (0, 1, 3, 7, 14, 30, 60, 90, 180, 365)


class LeadTime(msgspec.Struct, frozen=True):
    """Days from the lead to the conversion, over those that were caught: None where nobody was.

    `histogram` counts them from each of `EDGES` to before the next.
    """

    median: float | None
    mean: float | None
    low: float | None
    high: float | None
    histogram: list[int]


def lead_time(lengths: Sequence[int]) -> LeadTime:
    """Return what lengths (ms) say; `low` and `high` are their quartiles."""
    if not lengths:
        return LeadTime(None, None, None, None, [0] * len(EDGES))
    days = sorted(length / DAY for length in lengths)
    histogram = [0] * len(EDGES)
    for day in days:
        histogram[sum(1 for edge in EDGES if edge <= day) - 1] += 1
    return LeadTime(
        statistics.median(days), math.fsum(days) / len(days), _at(days, 0.25), _at(days, 0.75), histogram
    )


def _at(ordered: Sequence[float], quantile: float) -> float:
    """Return a quantile by linear interpolation, as spreadsheets and numpy do."""
    place = (len(ordered) - 1) * quantile
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
