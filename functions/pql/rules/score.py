"""Scores: points, added up over their parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from pql.rules.parts import AnyPart, Part, Points
from pql.rules.parts.part import Span

Score = Annotated[tuple[AnyPart, ...], Field(min_length=1, max_length=100, strict=False)]
NOTHING: Span = (0.0, 0.0)
# Points are exact to a millionth: 0.7 and 0.1 are 0.8, and a rule that waits for 0.8 sees it.
DECIMALS = 6


def spans(
    scores: Mapping[str, tuple[Part, ...]], reach: Callable[[str], float | None]
) -> Callable[[str], Span]:
    """Return the function for the fewest and the most points that a score can reach.

    A score that is not there, or builds on itself, gives nothing: both are faults of their own.
    """
    known: dict[str, Span] = {}

    def span(name: str) -> Span:
        if name not in known:
            known[name] = NOTHING
            ends = [part.span(reach, span) for part in scores.get(name, ())]
            low, high = (round(sum(end), DECIMALS) for end in zip(*ends, strict=True)) if ends else NOTHING
            known[name] = low, high
        return known[name]

    return span


__all__ = ["AnyPart", "Part", "Points", "Score", "Span", "spans"]
