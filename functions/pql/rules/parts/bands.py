"""`bands`: points by how large a value is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pql.rules.comparison import is_number
from pql.rules.conditions import Scope
from pql.rules.element import exactly_one
from pql.rules.named import Named
from pql.rules.parts.part import Amount, Part, Span

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


def _bound(key: Any) -> Any:
    """Keys of YAML and JSON are text."""
    if isinstance(key, str) and _NUMBER.fullmatch(key):
        return float(key)
    if isinstance(key, float):
        return key
    raise PydanticCustomError("band", "expected numbers and their points, such as {50: 5, 200: 15}")


def _apart(bands: Any) -> Any:
    """Refuse two bands that begin at one number, of which only one could count."""
    keys = bands if isinstance(bands, dict) else ()
    texts = [key for key in keys if isinstance(key, str) and _NUMBER.fullmatch(key)]
    known: dict[float, str] = {}
    for text in texts:
        first = known.setdefault(float(text), text)
        if first != text:
            told = {"first": first, "text": text}
            raise PydanticCustomError("band", "`{first}` and `{text}` are one number, with one band", told)
    return bands


_Text = Annotated[str, Field(json_schema_extra={"pattern": f"^{_NUMBER.pattern}$"})]
Bound = Annotated[float, BeforeValidator(_bound, json_schema_input_type=_Text)]


class Bands(Part):
    """Give the points of the highest band that a signal or a trait has reached, and none below the first.

    ```yaml
    {bands: {50: 5, 200: 15, 1000: 25}, trait: employees}
    ```
    """

    model_config: ClassVar[ConfigDict] = exactly_one("signal", "trait")

    kind: Literal["bands"] = Field(default="bands", exclude=True)
    bands: Annotated[dict[Bound, Amount], Field(min_length=1, max_length=20), BeforeValidator(_apart)]
    signal: str | None = None
    trait: str | None = None

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if (self.signal is None) is (self.trait is None):
            raise PydanticCustomError("bands", "expected exactly one of signal, trait beside `bands`")
        return self

    @property
    def bounds(self) -> list[float]:
        """Return where the bands begin, from the lowest on."""
        return sorted(self.bands)

    def source(self, scope: Scope) -> str:
        """Return the points for a value."""
        value = scope.signal(self.signal) if self.signal is not None else scope.trait(self.trait or "")
        bounds = self.bounds
        points = [0.0, *(self.bands[bound] for bound in bounds)]

        def given(value: Any) -> float:
            return points[bisect_right(bounds, value)] if is_number(value) else 0.0

        return f"{scope.constant(given)}({value})"

    def reached(self, value: Any) -> float | None:
        """Return the highest bound that `value` has reached, None below the first."""
        if not is_number(value):
            return None
        return max((bound for bound in self.bands if bound <= value), default=None)

    def span(self, _reach: Callable[[str], float | None], _score: Callable[[str], Span]) -> Span:
        """Return the fewest and the most points of any band."""
        return min(0.0, *self.bands.values()), max(0.0, *self.bands.values())

    def is_whole(self, _scope: Scope) -> bool:
        """Return whether the points of every band are a whole number."""
        return all(map(float.is_integer, self.bands.values()))

    @property
    def is_rising(self) -> bool:
        """Return whether every band gives at least as much as the one below."""
        points = [0.0, *(self.bands[bound] for bound in self.bounds)]
        return points == sorted(points)

    def wakes(self, scope: Scope) -> Iterator[str]:
        """Yield when time alone takes a timed signal into another band."""
        crossing = scope.timed(self.signal) if self.signal is not None else None
        if crossing is not None and self.signal is not None:
            for bound in self.bounds:
                yield f"{scope.constant(crossing)}({scope.held(self.signal)}, {bound!r}, now)"

    def named(self) -> Iterator[Named]:
        """Yield its signal or trait."""
        if self.signal is not None:
            yield Named("signal", self.signal, "signal")
        if self.trait is not None:
            yield Named("trait", self.trait, "trait")
