"""What `all` and `any` share: they join conditions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pql.rules.conditions.condition import Condition, Scope
from pql.rules.source import Path


class Joined(Condition):
    """Base of conditions that join others: `every` one of them must hold, or else one is enough.

    `kind` is the key under which they stand.
    """

    every: ClassVar[bool]
    kind: str

    @property
    @abstractmethod
    def inner(self) -> Sequence[Condition]:
        """Return the conditions that are joined."""

    def source(self, scope: Scope) -> str:
        """Return the conditions joined, the earlier ones first."""
        joint = " and " if self.every else " or "
        return f"({joint.join(one.source(scope) for one in self.inner)})"

    def below(self, path: Path) -> Iterator[tuple[Path, Condition]]:
        """Yield what each of them looks at, and where it stands."""
        for index, one in enumerate(self.inner):
            yield from one.below((*path, self.kind, index))
