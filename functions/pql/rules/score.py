"""Scores: points for conditions that hold."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pql.rules.conditions import AnyCondition, ScoreCondition
from pql.rules.element import Element


class Points(Element):
    """Give points once while a condition holds.

    ```yaml
    {points: 25, when: {signal: integrations, at_least: 1}}
    ```
    """

    points: Annotated[float, Field(ge=-1_000_000, le=1_000_000)]
    when: AnyCondition

    @model_validator(mode="after")
    def _no_scores_of_scores(self) -> Self:
        if any(isinstance(leaf, ScoreCondition) for leaf in self.when.leaves()):
            raise PydanticCustomError(
                "score_of_score", "points look at signals and traits, not at another score"
            )
        return self


Score = Annotated[tuple[Points, ...], Field(min_length=1, max_length=100, strict=False)]


def most(score: tuple[Points, ...]) -> float:
    """Return the largest number of points the score can reach."""
    return sum(part.points for part in score if part.points > 0)
