"""`any`: at least one of several conditions holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pql.rules.conditions.condition import Condition
from pql.rules.conditions.joined import Joined


class Any(Joined):
    """Join conditions: at least one of several conditions holds.

    ```yaml
    any:
      - {signal: projects_created, at_least: 2}
      - {trait: plan, is: trial}
    ```
    """

    every: ClassVar[bool] = False

    kind: Literal["any"] = Field(default="any", exclude=True)
    any: Annotated[tuple[AnyCondition, ...], Field(min_length=1, max_length=50, strict=False)]  # type: ignore[name-defined] # noqa: F821 - the union is built from this class

    @property
    def inner(self) -> Sequence[Condition]:
        """Return the conditions that are joined."""
        return self.any
