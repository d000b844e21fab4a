"""`all`: every one of several conditions holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pql.rules.conditions.condition import Condition
from pql.rules.conditions.joined import Joined


class All(Joined):
    """Join conditions: every one of several conditions holds.

    ```yaml
    all:
      - {signal: projects_created, at_least: 2}
      - {trait: plan, is: trial}
    ```
    """

    every: ClassVar[bool] = True

    kind: Literal["all"] = Field(default="all", exclude=True)
    all: Annotated[tuple[AnyCondition, ...], Field(min_length=1, max_length=50, strict=False)]  # type: ignore[name-defined] # noqa: F821 - the union is built from this class

    @property
    def inner(self) -> Sequence[Condition]:
        """Return the conditions that are joined."""
        return self.all
