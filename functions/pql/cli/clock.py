"""The clock of the commands: whatever they call takes the time as an argument."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Return this moment in epoch ms."""
    return time.time_ns() // 1_000_000
