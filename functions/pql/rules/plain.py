"""Plain words for values, for cards and messages."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> str:
    """Return `value` as a person writes it: 50, 2.5, 1,200, pdf, yes, a or b."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return " or ".join(map(plain, value))
    if isinstance(value, (int, float)) and abs(value) >= 1e15:
        return f"{value:.3g}"
    if isinstance(value, (int, float)):
        return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"
    return str(value)


def phrase(subject: str, test: str, threshold: Any) -> str:
    """Return a comparison as part of a sentence: `plan is trial`, `coupon is present`."""
    if isinstance(threshold, bool) and test.endswith(("present", "absent")):
        return f"{subject} {test}"
    return f"{subject} {test} {plain(threshold)}"
