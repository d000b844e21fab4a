"""`score`: points, against a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from pql.rules.comparison import SYMBOLS, NumberComparison
from pql.rules.conditions.condition import Condition, Scope
from pql.rules.named import Named


class ScoreCondition(NumberComparison, Condition):
    """Hold a score's points against a bound.

    ```yaml
    {score: activation, at_least: 50}
    ```
    """

    kind: Literal["score"] = Field(default="score", exclude=True)
    score: str

    def source(self, scope: Scope) -> str:
        """Return the comparison."""
        return f"{scope.score(self.score)} {SYMBOLS[self.operator]} {self.threshold!r}"

    def named(self) -> Iterator[Named]:
        """Yield the score."""
        yield Named("score", self.score, "score")
