"""`per`: points for every time, up to a cap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pql.rules.comparison import is_number
from pql.rules.conditions import Scope
from pql.rules.named import Named
from pql.rules.parts.part import Amount, Part, Span


class Per(Part):
    """Give points for each unit of a signal's value, up to so many points in all.

    Below nothing there are no points. Where `points` are negative, `up_to` is the most they take away.
    Per a `decayed` signal points fade: half of them are left after its half-life, at every midnight
    fewer.

    ```yaml
    {points: 5, per: reports, up_to: 20}
    ```
    """

    kind: Literal["per"] = Field(default="per", exclude=True)
    points: Amount
    per: str
    up_to: Annotated[float, Field(gt=0, le=1_000_000)]

    @model_validator(mode="after")
    def _room_for_one(self) -> Self:
        if abs(self.points) > self.up_to:
            raise PydanticCustomError("per", "`up_to` leaves no room for one; it is the most points in all")
        return self

    def source(self, scope: Scope) -> str:
        """Return the points for a value."""
        value = scope.signal(self.per)
        if self.points > 0 and scope.is_number(self.per) and value == scope.held(self.per):
            # Where nothing but a number can stand, a call costs more than the points.
            points, most = f"{value} * {float(self.points)!r}", repr(float(self.up_to))
            return f"(({points} if {points} < {most} else {most}) if {value} > 0 else 0.0)"
        return f"{scope.constant(self.given)}({value})"

    def given(self, value: Any) -> float:
        """Return the points for `value`; anything but a number gives none."""
        if not is_number(value) or value <= 0:
            return 0.0
        return max(-self.up_to, min(self.up_to, float(value) * self.points))

    def span(self, reach: Callable[[str], float | None], _score: Callable[[str], Span]) -> Span:
        """Return nothing and the cap, or what the signal can reach of it."""
        most = reach(self.per)
        last = self.given(most) if most is not None else self.up_to * (1 if self.points > 0 else -1)
        return min(last, 0.0), max(last, 0.0)

    def is_whole(self, scope: Scope) -> bool:
        """Return whether so many points for each of what is counted, and their cap, are whole numbers."""
        return scope.counts(self.per) and self.points.is_integer() and self.up_to.is_integer()

    @property
    def is_rising(self) -> bool:
        """Return whether the points are given and not taken."""
        return self.points >= 0

    def wakes(self, scope: Scope) -> Iterator[str]:
        """Yield when time alone gives a timed signal another value."""
        moves = scope.moves(self.per)
        if moves is not None:
            yield f"{scope.constant(moves)}({scope.held(self.per)}, now)"

    def named(self) -> Iterator[Named]:
        """Yield its signal."""
        yield Named("signal", self.per, "per")
