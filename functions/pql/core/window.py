"""Windows: whole UTC minutes, hours or days, counted from the epoch.

`within: 7d` is the current UTC day and the six before it, `within: 24h` the current hour and the
23 before it, `within: 30m` the current minute and the 29 before it. An event always lands in the
bucket of its own counted time, however late it comes, so the error against an exact sliding window
is at most the part of one bucket.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = 1 << 62
BUCKETS = {MINUTE: 1440, HOUR: 744, DAY: 400}
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}
_TEXT = re.compile(r"([1-9][0-9]{0,3})([mhd])")


class Window(NamedTuple):
    """A rolling window of so many `buckets`, each `width` milliseconds wide."""

    width: int
    buckets: int

    @property
    def held(self) -> int:
        """Return how many buckets may be held at once: a clock may be a day ahead of ours."""
        return self.buckets + DAY // self.width

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
    """Return the milliseconds in `30d`, `12h` or `30m`; raises `ValueError` for anything else."""
    found = _TEXT.fullmatch(text)
    if not found:
        raise ValueError(f"expected a number of days, hours or minutes such as 7d, 24h or 30m, got {text!r}")
    return int(found[1]) * _UNITS[found[2]]


def window(text: str) -> Window:
    """Return the window that `within: <text>` means; raises `ValueError` as `duration` does.

    Also for more buckets than an account should hold: 1,440 minutes, 744 hours or 400 days.
    """
    length = duration(text)
    width = _UNITS[text[-1]]
    buckets = length // width
    if buckets > BUCKETS[width]:
        most = f"{BUCKETS[MINUTE]}m, {BUCKETS[HOUR]}h or {BUCKETS[DAY]}d"
        raise ValueError(f"expected at most {most}, got {text!r}")
    return Window(width, buckets)
