"""`all`: every one of several conditions holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from pql.rules.conditions.condition import Condition, Scope
from pql.rules.source import Path


class All(Condition):
    """Join conditions: every one of several conditions holds.

    ```yaml
    all:
      - {signal: projects_created, at_least: 2}
      - {trait: plan, is: trial}
    ```
    """

    kind: Literal["all"] = Field(default="all", exclude=True)
    all: Annotated[tuple[AnyCondition, ...], Field(min_length=1, max_length=50, strict=False)]  # type: ignore[name-defined] # noqa: F821 - the union is built from this class

    def source(self, scope: Scope) -> str:
        """Return the conditions joined, the earlier ones first."""
        return "(" + " and ".join(one.source(scope) for one in self.all) + ")"

    def leaves(self) -> Iterator[Condition]:
        """Yield what each of them looks at."""
        for one in self.all:
            yield from one.leaves()

    def below(self, path: Path) -> Iterator[tuple[Path, Condition]]:
        """Yield what each of them looks at, and where it stands."""
        for index, one in enumerate(self.all):
            yield from one.below((*path, "all", index))
