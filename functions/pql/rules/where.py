"""`where`: filters on an event's properties, all of which must hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from pql.rules.comparison import Comparison, Test
from pql.rules.plain import phrase
from pql.rules.properties import Properties, getter


def _spelled_out(value: Any) -> Any:
    """`format: pdf` is short for `format: {is: pdf}`."""
    return value if isinstance(value, dict) else {"is": value}


Filter = Annotated[Comparison, BeforeValidator(_spelled_out)]
Where = dict[str, Filter]


def matcher(where: Where) -> Test | None:
    """Return the filter as a function of the properties, or None if there is nothing to filter."""
    checks = [(getter(path), comparison.test()) for path, comparison in where.items()]
    if not checks:
        return None
    if len(checks) == 1:
        get, test = checks[0]
        return lambda properties: test(get(properties))

    def matches(properties: Properties) -> bool:
        return all(test(get(properties)) for get, test in checks)

    return matches


def where_words(where: Where) -> str:
    """Return the filters in plain words: ` where format is pdf and size more than 10`."""
    if not where:
        return ""
    return " where " + " and ".join(
        phrase(path, comparison.test_words, comparison.threshold) for path, comparison in where.items()
    )
