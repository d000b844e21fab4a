"""What the parts of a score share: they write themselves as a number of points."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import Field

from pql.rules.conditions import Condition, Scope
from pql.rules.element import Element
from pql.rules.named import Named

Amount = Annotated[float, Field(ge=-1_000_000, le=1_000_000)]
Span = tuple[float, float]


class Part(Element):
    """Base of all parts of a score."""

    @abstractmethod
    def source(self, scope: Scope) -> str:
        """Return its points as a Python expression; it can never raise."""

    @abstractmethod
    def span(self, reach: Callable[[str], float | None], score: Callable[[str], Span]) -> Span:
        """Return the fewest and the most points it can give.

        `reach` tells the largest value of a signal, None without a bound; `score` the span of a score.
        """

    @abstractmethod
    def is_whole(self, scope: Scope) -> bool:
        """Return whether its points are surely whole: sums of such are exact."""

    @property
    @abstractmethod
    def is_rising(self) -> bool:
        """Return whether more of what it looks at can only give more points."""

    def wakes(self, scope: Scope) -> Iterator[str]:  # noqa: ARG002 - of use to parts that time changes
        """Yield expressions for when time alone may change the points, as conditions do."""
        yield from ()

    def named(self) -> Iterator[Named]:
        """Yield what it names itself, beside its condition."""
        yield from ()

    def conditions(self) -> Iterator[Condition]:
        """Yield the condition it stands under."""
        yield from ()
