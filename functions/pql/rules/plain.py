"""Plain words for values, for cards and messages."""

from __future__ import annotations

from typing import Any

from pql.core.plain_words import compared
from pql.core.plain_words import said as plain


def phrase(subject: str, test: str, threshold: Any) -> str:
    """Return a comparison as part of a sentence: `plan is trial`, `coupon is present`."""
    return f"{subject} {compared(test, threshold)}"


__all__ = ["phrase", "plain"]
