"""`not`: a condition that must not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from pql.rules.conditions.condition import Condition, Scope
from pql.rules.source import Path


class Not(Condition):
    """Turn a condition round.

    ```yaml
    not: {signal: subscriptions, at_least: 1}
    ```
    """

    kind: Literal["not"] = Field(default="not", exclude=True)
    inner: "AnyCondition" = Field(alias="not")  # type: ignore[name-defined] # noqa: F821, UP037 - the union is built from this class

    def source(self, scope: Scope) -> str:
        """Return the condition turned round."""
        return f"(not {self.inner.source(scope)})"

    def below(self, path: Path) -> Iterator[tuple[Path, Condition]]:
        """Yield what it looks at, and where it stands."""
        yield from self.inner.below((*path, "not"))
