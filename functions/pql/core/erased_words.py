"""Words that tell of somebody: which of them mean nothing else, and texts without them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

ERASED = "[erased]"
# Shorter ones stand in other words: a text is only compared with them as a whole.
SHORTEST = 4
# An id with digits in it, and as long, is nobody else's word.
LEAST_ID = 8


def is_certain(word: str) -> bool:
    """Return whether a word cannot mean anything else, as `demo` and `admin` can, which are ids too."""
    named = "@" in word or " " in word.strip()
    return named or (len(word) >= LEAST_ID and any(map(str.isdigit, word)))


def sayer(words: Iterable[str]) -> Callable[[str], str]:
    """Return what takes the words out of a text."""
    long = sorted((word for word in words if len(word) >= SHORTEST), key=len, reverse=True)
    if not long:
        return str
    pattern = re.compile("|".join(map(_alone, long)), re.IGNORECASE)
    return lambda text: pattern.sub(ERASED, text)


def _alone(word: str) -> str:
    """Return the pattern of a word that is no part of another.

    An address may be the end or the beginning of somebody else's: `lee@a.co` of `bruce.lee@a.co.uk`.
    """
    if "@" in word:
        return rf"(?<![\w.+-]){re.escape(word)}(?!\w|[.-]\w)"
    return rf"(?<!\w){re.escape(word)}(?!\w)"
