"""`any`: at least one of several conditions holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from pql.rules.conditions.condition import Condition, Scope
from pql.rules.source import Path


class Any(Condition):
    """Join conditions: at least one of several conditions holds.

    ```yaml
    any:
      - {signal: projects_created, at_least: 2}
      - {trait: plan, is: trial}
    ```
    """

    kind: Literal["any"] = Field(default="any", exclude=True)
    any: Annotated[tuple[AnyCondition, ...], Field(min_length=1, max_length=50, strict=False)]  # type: ignore[name-defined] # noqa: F821 - the union is built from this class

    def source(self, scope: Scope) -> str:
        """Return the conditions joined, the earlier ones first."""
        return "(" + " or ".join(one.source(scope) for one in self.any) + ")"

    def leaves(self) -> Iterator[Condition]:
        """Yield what each of them looks at."""
        for one in self.any:
            yield from one.leaves()

    def below(self, path: Path) -> Iterator[tuple[Path, Condition]]:
        """Yield what each of them looks at, and where it stands."""
        for index, one in enumerate(self.any):
            yield from one.below((*path, "any", index))
