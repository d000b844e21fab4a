"""`score`: another score's points, weighted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from pql.rules.conditions import Scope
from pql.rules.named import Named
from pql.rules.parts.part import Part, Span


class Weighted(Part):
    """Build on another score of the file: its points, times a weight.

    ```yaml
    {score: usage, weight: 0.5}
    ```
    """

    kind: Literal["score"] = Field(default="score", exclude=True)
    score: str
    weight: Annotated[float, Field(ge=-1_000, le=1_000)] = 1.0

    def source(self, scope: Scope) -> str:
        """Return the other score's points, weighted."""
        return f"{scope.score(self.score)} * {self.weight!r}"

    def span(self, _reach: Callable[[str], float | None], score: Callable[[str], Span]) -> Span:
        """Return the span of the other score, weighted."""
        ends = [end * self.weight for end in score(self.score)]
        return min(ends), max(ends)

    def is_whole(self, _scope: Scope) -> bool:
        """Return no: what the other score and the weight come to is not known here."""
        return False

    @property
    def is_rising(self) -> bool:
        """Return whether the other score adds to this one."""
        return self.weight >= 0

    def named(self) -> Iterator[Named]:
        """Yield the other score."""
        yield Named("score", self.score, "score")
