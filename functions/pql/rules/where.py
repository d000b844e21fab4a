"""`where`: filters on an event's properties, all of which must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from pql.core.plain_words import compared
from pql.rules.comparison import Comparison, Plain, Test, is_range, written
from pql.rules.properties import getter, property_source

if TYPE_CHECKING:
    from pql.rules.signals.cell import Cell

CONTEXT: Final = "context."


def _spelled_out(value: Any) -> Any:
    """`format: pdf` is short for `format: {is: pdf}`."""
    if value is None:
        raise PydanticCustomError("filter", "expected a value; for what is not there write {exists: false}")
    if isinstance(value, list):
        raise PydanticCustomError("filter", "expected one value; for several write {in: [one, two]}")
    return value if isinstance(value, dict) else {"is": value}


class Filter(Comparison):
    """A property against anything: one operator, or a bound below and a bound above.

    Properties are named as senders write them; `a.b` is `b` inside of `a`. What begins with `context.`
    stands in the call's context: `context.traits.role` is what the call itself tells of its user.

    ```yaml
    pages: {at_least: 10, less_than: 50}
    ```
    """

    RANGES: ClassVar[bool] = True

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        """Take the place of the rule for conditions, which have one operator each."""
        given = [name for name in self.OPERATORS if getattr(self, name) is not None]
        if len(given) == 1 or is_range(given):
            return self
        raise PydanticCustomError(
            "comparison",
            "expected one of {legal}, or a bound below and one above; found {given}",
            {
                "legal": ", ".join(map(written, self.OPERATORS)),
                "given": ", ".join(map(written, given)) or "none",
            },
        )

    @property
    def each(self) -> Iterator[Comparison]:
        """Yield its operators one by one, each as a comparison of its own."""
        for name in self.OPERATORS:
            if getattr(self, name) is not None:
                yield Comparison.model_validate({written(name): getattr(self, name)})

    def test(self) -> Test:
        """Return the filter as a function of the value."""
        tests = [one.test() for one in self.each]
        return lambda value: all(test(value) for test in tests)


AnyFilter = Annotated[Filter, BeforeValidator(_spelled_out, json_schema_input_type=Plain | Filter)]
Where = dict[str, AnyFilter]


def where_source(where: Where, cell: Cell) -> str:
    """Return the filter as an expression; nothing if there is nothing to filter."""
    return " and ".join(
        comparison.expression(_found(path, cell), cell.constant)
        for path, filter_ in where.items()
        for comparison in filter_.each
    )


def _found(path: str, cell: Cell) -> str:
    """Return what stands at a path of the properties, or of the call's context, as an expression."""
    inner = path.removeprefix(CONTEXT)
    if inner == path:
        return property_source(path, cell.constant)
    return f"{cell.constant(getter(inner))}({cell.context()})"


def where_words(where: Where) -> str:
    """Return the filters in plain words: ` where format is pdf and size more than 10`."""
    if not where:
        return ""
    return " where " + " and ".join(
        f"{path} {compared(one.test_words, one.threshold)}"
        for path, filter_ in where.items()
        for one in filter_.each
    )
