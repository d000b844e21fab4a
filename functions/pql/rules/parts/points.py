"""`when`: points, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import Field

from pql.rules.conditions import AnyCondition, Condition, Scope
from pql.rules.parts.part import Amount, Part, Span


class Points(Part):
    """Give points once while a condition holds.

    ```yaml
    {points: 25, when: {signal: integrations, at_least: 1}}
    ```
    """

    kind: Literal["when"] = Field(default="when", exclude=True)
    points: Amount
    when: AnyCondition

    def source(self, scope: Scope) -> str:
        """Return the points while the condition holds."""
        return f"({self.points!r} if {self.when.source(scope)} else 0.0)"

    def span(self, _reach: Callable[[str], float | None], _score: Callable[[str], Span]) -> Span:
        """Return nothing and the points."""
        return min(self.points, 0.0), max(self.points, 0.0)

    def is_whole(self, _scope: Scope) -> bool:
        """Return whether the points are a whole number."""
        return self.points.is_integer()

    @property
    def is_rising(self) -> bool:
        """Return whether the points are given and not taken."""
        return self.points >= 0

    def conditions(self) -> Iterator[Condition]:
        """Yield its condition."""
        yield self.when
