"""`ratio`: a signal for each one of a trait or another signal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.lead import Scalar, Unit
from pql.core.plain_words import singular
from pql.rules.comparison import NumberComparison
from pql.rules.conditions.derived import Derived
from pql.rules.element import exactly_one
from pql.rules.named import Named
from pql.rules.properties import number
from pql.rules.trait_names import NumberTrait


class RatioCondition(NumberComparison, Derived):
    """Divide a signal by a trait (`to_trait`) or another signal (`to_signal`), and hold that to a bound.

    It does not hold while the divisor is missing, is no number, or is not above 0.

    ```yaml
    {ratio: seats_used, to_trait: seat_limit, at_least: 0.8}
    ```
    """

    model_config: ClassVar[ConfigDict] = exactly_one("to_trait", "to_signal")

    kind: Literal["ratio"] = Field(default="ratio", exclude=True)
    ratio: str
    to_trait: NumberTrait | None = None
    to_signal: str | None = None

    @model_validator(mode="after")
    def _one_divisor(self) -> Self:
        if (self.to_trait is None) is (self.to_signal is None):
            raise PydanticCustomError("ratio", "expected exactly one of to_trait, to_signal")
        return self

    @property
    def words(self) -> str:
        """Return what it divides, in plain words."""
        return f"{self.ratio} for each {self.to_trait or self.to_signal}"

    @property
    def unit(self) -> Unit | None:
        """Return what the quotient is measured in."""
        return "%" if self.to_trait else None

    def told(self, called: Callable[[str], str]) -> str:
        """Return what it divides, with signals as they are `called`."""
        if self.to_trait:
            return f"{called(self.ratio)} as a share of {self.to_trait}"
        divisor = called(self.to_signal or "")
        return f"{called(self.ratio)} for each {singular(divisor) or f'of {divisor}'}"

    def number(self, value: Any, divisor: Any, now: int) -> Scalar:  # noqa: ARG002 - as `named` says
        """Return the quotient."""
        above, below = number(value), number(divisor)
        return above / below if above is not None and below is not None and below > 0 else None

    def named(self) -> Iterator[Named]:
        """Yield the signal and what it is divided by."""
        yield Named("signal", self.ratio, "ratio")
        if self.to_trait:
            yield Named("trait", self.to_trait, "to_trait")
        else:
            yield Named("signal", self.to_signal or "", "to_signal")
