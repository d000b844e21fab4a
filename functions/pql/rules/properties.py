"""Reading properties: a key, or a path of keys joined by dots."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from pql.core.lead import Scalar

TEXT_LIMIT = 256
Properties = dict[str, Any]
Getter = Callable[[Properties], Any]
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}(\.[0-9]{1,18})?\s*")


def property_source(path: str, constant: Callable[[Any], str]) -> str:
    """Return what stands at `path` of the properties `p`, as an expression."""
    if "." in path:
        return f"{constant(getter(path))}(p)"
    return f"p.get({constant(path)})"


def getter(path: str) -> Getter:
    """Return a function that reads `path`: the key as written first, else step by step at its dots."""
    steps = path.split(".")

    def get(properties: Properties) -> Any:
        if path in properties:
            return properties[path]
        found: Any = properties
        for step in steps:
            if not isinstance(found, dict):
                return None
            found = found.get(step)
        return found

    return get


def number(value: Any) -> int | float | None:
    """Return `value` as a number, whole where it can be; None if it is none.

    Decimal text counts (`"39.95"` is how Segment's own example sends revenue), booleans do not.
    """
    if isinstance(value, str):
        return number(float(value)) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def words(value: Any) -> str | None:
    """Return `value` as the text under which it is told apart; None for nothing, lists and objects."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = number(value)
    return None if plain is None else repr(plain)


def scalar(value: object) -> Scalar:
    """Return `value` if it is a number, a word (cut at 256 characters), yes or no; else None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value[:TEXT_LIMIT]
    found = number(value)
    return None if found is None else storable(found)


def storable(value: float) -> float:
    """Return a number as the table can hold it: whole ones beyond 64 bits as decimals.

    Beyond the largest decimal that is the largest: a file may hold what `ingest` would have refused.
    """
    if -(2**63) <= value < 2**63:
        return value
    return float(max(-sys.float_info.max, min(sys.float_info.max, value)))
