"""What came of a lead, or of an account from its first event on: the one place that says what a hit is."""

from __future__ import annotations

from typing import Literal

# `late`: had converted already. `open`: its window ends after the data do (right-censored).
Outcome = Literal["hit", "miss", "late", "open"]


def outcome(at: int, converted: int | None, end: int, window: int | None) -> Outcome:
    """Return what came of `at` (epoch ms) in the `window` (ms) after it, or until `end` of the data without.

    A window that is not over is `open` even if the account has converted by now: to count those who did,
    and not yet those who did not, would flatter whatever is new. So would a conversion after `end`, which
    is none.
    """
    if converted is not None and converted > end:
        converted = None
    if converted is not None and converted <= at:
        return "late"
    if window is None:
        return "miss" if converted is None else "hit"
    if end - at < window:
        return "open"
    return "hit" if converted is not None and converted - at <= window else "miss"
