"""What elements name: a signal, a score, a rule or a trait, and the key that names it."""

from __future__ import annotations

from typing import Literal, NamedTuple

# A rule is looked at for whether it holds, or for the leads it made.
What = Literal["signal", "score", "rule", "lead", "trait"]


class Named(NamedTuple):
    """One name in an element, and the key it is written under."""

    what: What
    name: str
    key: str
