"""Windows: whole UTC hours or days, counted from the epoch.

`within: 7d` is the current UTC day and the six before it, `within: 24h` the current hour and the
23 before it. An event always lands in the bucket of its own counted time, however late it comes, so
the error against an exact sliding window is at most the part of one bucket.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = 1 << 62
BUCKETS = {HOUR: 744, DAY: 400}
_UNITS = {"h": HOUR, "d": DAY}
_TEXT = re.compile(r"([1-9][0-9]{0,3})([hd])")


class Window(NamedTuple):
    """A rolling window of so many `buckets`, each `width` milliseconds wide."""

    width: int
    buckets: int

    def bucket(self, time: int) -> int:
        """Return the number of the bucket that holds `time`."""
        return time // self.width

    def floor(self, clock: int) -> int:
        """Return the oldest bucket that still counts at `clock`."""
        return clock // self.width - self.buckets + 1

    def leaves(self, bucket: int) -> int:
        """Return the moment (epoch ms) at which `bucket` no longer counts."""
        return (bucket + self.buckets) * self.width


def duration(text: str) -> int:
    """Return the milliseconds in `30d` or `12h`; raises `ValueError` for anything else."""
    found = _TEXT.fullmatch(text)
    if not found:
        raise ValueError(f"expected a number of days or hours such as 7d or 24h, got {text!r}")
    return int(found[1]) * _UNITS[found[2]]


def window(text: str) -> Window:
    """Return the window that `within: <text>` means; raises `ValueError` as `duration` does.

    Also for more buckets than an account should hold: 744 hours or 400 days.
    """
    length = duration(text)
    width = _UNITS[text[-1]]
    buckets = length // width
    if buckets > BUCKETS[width]:
        raise ValueError(f"expected at most {BUCKETS[HOUR]}h or {BUCKETS[DAY]}d, got {text!r}")
    return Window(width, buckets)
