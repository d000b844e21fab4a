"""How long a message waits before its next attempt."""

from __future__ import annotations

import math

STEPS = (5, 30, 120, 300, 900)
LONGEST = 900


def backoff(attempt: int, named: float, chance: float) -> int:
    """Return the seconds to wait after `attempt` attempts, at most a quarter of an hour.

    5 s, 30 s, 2 min, 5 min, then 15 min, each ± 20 %, but never less than the seconds the provider
    `named`. `chance` is a random number from 0 to 1.
    """
    step = STEPS[min(max(attempt, 1), len(STEPS)) - 1] * (0.8 + 0.4 * chance)
    return min(LONGEST, math.ceil(max(step, min(named, LONGEST) * (1 + 0.1 * chance))))
