"""The nearest legal word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def unknown(what: str, name: str, legal: Iterable[str]) -> str:
    """Return that `name` is not known, and what was meant, or what there is."""
    words = list(legal)
    near = difflib.get_close_matches(name, words, n=1, cutoff=0.5)
    if near:
        return f"unknown {what} `{name}`; did you mean `{near[0]}`?"
    return f"unknown {what} `{name}`; there {'is' if len(words) == 1 else 'are'} {', '.join(words) or 'none'}"
