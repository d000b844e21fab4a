"""What came of a lead, or of an account from its first event on: the one place that says what a hit is."""

from __future__ import annotations

from typing import Literal

# `late`: converted at that moment or before. `open`: its window ends after the data do (right-censored).
Outcome = Literal["hit", "miss", "late", "open"]


def outcome(at: int, converted: int | None, end: int, window: int | None) -> Outcome:
    """Return what came of `at` (epoch ms) in the `window` (ms) after it, or until `end` of the data without.

    A window that is not over is `open` whatever is known by now: to count those who converted in it, and not
    yet those who did not, would flatter whatever is new; to count those who had converted before would do the
    opposite. A conversion after `end` is none.
    """
    if window is not None and end - at < window:
        return "open"
    if converted is not None and converted > end:
        converted = None
    if converted is not None and converted <= at:
        return "late"
    if window is None:
        return "miss" if converted is None else "hit"
    return "hit" if converted is not None and converted - at <= window else "miss"
