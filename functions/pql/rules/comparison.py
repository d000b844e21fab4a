"""Comparisons: one operator and what it holds a value against.

Every comparison of unlike things is false, never an error: what a producer sends cannot break a
rule.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pql.core.lead import Scalar
from pql.rules.element import Element

Test = Callable[[Any], bool]
Plain = str | bool | int | float
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
}
LOWER, UPPER = ("at_least", "more_than"), ("at_most", "less_than")
NUMBERS = frozenset((int, float))
SYMBOLS = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<"}
WORDS = {
    "at_least": "at least",
    "more_than": "more than",
    "at_most": "at most",
    "less_than": "less than",
    "equals": "is",
    "is_in": "is one of",
    "exists": "is present",
    "starts_with": "starts with",
    "contains": "contains",
}
OPPOSITE = {
    "at_least": "less than",
    "more_than": "at most",
    "at_most": "more than",
    "less_than": "at least",
    "equals": "is not",
    "is_in": "is none of",
    "exists": "is absent",
    "starts_with": "does not start with",
    "contains": "does not contain",
}


class NumberComparison(Element):
    """A number against a bound, with exactly one of `at_least`, `more_than`, `at_most`, `less_than`."""

    OPERATORS: ClassVar[tuple[str, ...]] = tuple(ORDERED)
    # Whether a bound below and one above may stand together.
    RANGES: ClassVar[bool] = False

    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    less_than: float | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in self.OPERATORS if getattr(self, name) is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "comparison",
                "expected exactly one of {legal}, found {given}{hint}",
                {
                    "legal": ", ".join(map(written, self.OPERATORS)),
                    "given": ", ".join(map(written, given)) or "none",
                    "hint": "; for both write two conditions inside `all`" if is_range(given) else "",
                },
            )
        return self

    @property
    def operator(self) -> str:
        """Return the operator that was given."""
        return next(name for name in self.OPERATORS if getattr(self, name) is not None)

    @property
    def threshold(self) -> Any:
        """Return what the value is held against."""
        return getattr(self, self.operator)

    @property
    def test_words(self) -> str:
        """Return the operator in plain words."""
        return WORDS[self.operator]

    @property
    def opposite_words(self) -> str:
        """Return what holds when the comparison does not, in plain words."""
        return OPPOSITE[self.operator]

    def test(self) -> Test:
        """Return the comparison as a function of the value."""
        return ordered(self.operator, self.threshold)

    def expression(self, value: str, constant: Callable[[Any], str]) -> str:
        """Return the comparison of the expression `value` as an expression.

        `constant` gives a name to an object that the expression needs.
        """
        return f"{constant(self.test())}({value})"

    def holds(self, value: Any) -> bool:
        """Return whether `value` passes; compile `test` once where it is asked often."""
        return self.test()(value)


class Comparison(NumberComparison):
    """Any value against anything: the number operators, `is`, `in`, `exists`, `starts_with`, `contains`."""

    OPERATORS: ClassVar[tuple[str, ...]] = (
        *ORDERED,
        "equals",
        "is_in",
        "exists",
        "starts_with",
        "contains",
    )

    equals: Plain | None = Field(default=None, alias="is")
    is_in: tuple[Plain, ...] | None = Field(default=None, alias="in", min_length=1, strict=False)
    exists: bool | None = None
    starts_with: str | None = None
    contains: str | None = None

    @property
    def test_words(self) -> str:
        """Return the operator in plain words."""
        return "is absent" if self.exists is False else WORDS[self.operator]

    @property
    def opposite_words(self) -> str:
        """Return what holds when the comparison does not, in plain words."""
        return "is present" if self.exists is False else OPPOSITE[self.operator]

    def test(self) -> Test:
        """Return the comparison as a function of the value."""
        threshold = self.threshold
        if self.operator in ORDERED:
            return super().test()
        if self.operator == "equals":
            return lambda value: same(value, threshold)
        if self.operator == "is_in":
            return lambda value: any(same(value, one) for one in threshold)
        if self.operator == "exists":
            return lambda value: (value is not None) is threshold
        if self.operator == "starts_with":
            return lambda value: isinstance(value, str) and value.startswith(threshold)
        return lambda value: isinstance(value, (str, list)) and threshold in value

    def expression(self, value: str, constant: Callable[[Any], str]) -> str:
        """Return the comparison as an expression; words need no guard, for only a word equals one."""
        if self.operator == "equals" and isinstance(self.threshold, str):
            return f"{value} == {constant(self.threshold)}"
        return super().expression(value, constant)


def ordered(name: str, threshold: float) -> Test:
    """Return the test of a value that may be no number at all."""
    compare = ORDERED[name]
    return lambda value: value.__class__ in NUMBERS and compare(value, threshold)


def is_number(value: Any) -> bool:
    """Return whether `value` is one that conditions take for a number; true and false are none."""
    kind = value.__class__
    return kind in NUMBERS


def same(value: Any, other: Scalar) -> bool:
    """Return whether both are the same; true is not 1 and "1" is not 1."""
    return value == other and isinstance(value, bool) is isinstance(other, bool)


def is_range(given: Sequence[str]) -> bool:
    """Return whether these operators, in their order, are a bound below and one above."""
    return len(given) == 2 and given[0] in LOWER and given[1] in UPPER


def written(name: str) -> str:
    """Return the key under which an operator stands in a file."""
    return {"equals": "is", "is_in": "in"}.get(name, name)
