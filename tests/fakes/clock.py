"""A clock that stands still unless it is moved."""

from __future__ import annotations


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now
