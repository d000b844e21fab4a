"""Scores: points, added up over their parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field

from pql.rules.parts import AnyPart, Part, Points
from pql.rules.parts.part import Span

Score = Annotated[tuple[AnyPart, ...], Field(min_length=1, max_length=100, strict=False)]
NOTHING: Span = (0.0, 0.0)


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
            known[name] = sum(low for low, _ in ends), sum(high for _, high in ends)
        return known[name]

    return span


__all__ = ["AnyPart", "Part", "Points", "Score", "Span", "spans"]
