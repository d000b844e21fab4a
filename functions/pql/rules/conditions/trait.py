"""`trait`: what is known of an account, against a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from pql.rules.comparison import Comparison
from pql.rules.conditions.condition import Condition, Scope
from pql.rules.named import Named


class TraitCondition(Comparison, Condition):
    """Hold a trait from `group` calls (`identify` for users without an account) against a bound.

    ```yaml
    {trait: plan, in: [free, trial]}
    ```
    """

    kind: Literal["trait"] = Field(default="trait", exclude=True)
    trait: str

    def source(self, scope: Scope) -> str:
        """Return the comparison."""
        return self.expression(scope.trait(self.trait), scope.constant)

    def named(self) -> Iterator[Named]:
        """Yield the trait."""
        yield Named("trait", self.trait, "trait")
