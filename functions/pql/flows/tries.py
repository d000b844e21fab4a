"""How often whoever loses against others tries, and how long they wait in between."""

from __future__ import annotations

TRIES = 5


def wait(lost: int, first: float = 0.02) -> float:
    """Return the seconds to wait once so many tries before this one were lost: twice as long each time."""
    return first * 2.0**lost
