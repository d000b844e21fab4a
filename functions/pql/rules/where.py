"""`where`: filters on an event's properties, all of which must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from pql.rules.comparison import Comparison, Plain
from pql.rules.plain import phrase
from pql.rules.properties import property_source


def _spelled_out(value: Any) -> Any:
    """`format: pdf` is short for `format: {is: pdf}`."""
    if value is None:
        raise PydanticCustomError("filter", "expected a value; for what is not there write {exists: false}")
    if isinstance(value, list):
        raise PydanticCustomError("filter", "expected one value; for several write {in: [one, two]}")
    return value if isinstance(value, dict) else {"is": value}


Filter = Annotated[Comparison, BeforeValidator(_spelled_out, json_schema_input_type=Plain | Comparison)]
Where = dict[str, Filter]


def where_source(where: Where, constant: Callable[[Any], str]) -> str:
    """Return the filter as an expression over the properties `p`; nothing if there is nothing to filter."""
    return " and ".join(
        comparison.expression(property_source(path, constant), constant) for path, comparison in where.items()
    )


def where_words(where: Where) -> str:
    """Return the filters in plain words: ` where format is pdf and size more than 10`."""
    if not where:
        return ""
    return " where " + " and ".join(
        phrase(path, comparison.test_words, comparison.threshold) for path, comparison in where.items()
    )
