"""The filter of an event source mapping: the subset of Lambda's event filtering we write.

A pattern is an object as deep as the record; at the leaves stand lists of alternatives, each a
literal or one of `prefix`, `exists` and `anything-but`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_ABSENT = object()


class UnknownFilter(Exception):
    """A filter rule that the local world cannot judge."""


def criteria(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the patterns in an event source's `FilterCriteria`; none means that all pass."""
    filters = properties.get("FilterCriteria", {}).get("Filters", [])
    return [json.loads(each["Pattern"]) for each in filters]


def passes(record: Mapping[str, Any], patterns: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether `record` meets at least one pattern, or there is none."""
    return not patterns or any(_object(record, pattern) for pattern in patterns)


def _object(value: Any, pattern: Mapping[str, Any]) -> bool:
    return all(_member(_get(value, key), expected) for key, expected in pattern.items())


def _get(value: Any, key: str) -> Any:
    return value.get(key, _ABSENT) if isinstance(value, Mapping) else _ABSENT


def _member(value: Any, expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return _object(value, expected)
    if isinstance(expected, list):
        return any(_leaf(value, rule) for rule in expected)
    raise UnknownFilter(f"a filter leaf must be a list, not {expected!r}")


def _leaf(value: Any, rule: Any) -> bool:
    if not isinstance(rule, Mapping):
        return value is not _ABSENT and type(value) is type(rule) and value == rule
    if len(rule) != 1:
        raise UnknownFilter(f"a filter rule has one operator, not {rule!r}")
    ((operator, argument),) = rule.items()
    if operator == "prefix":
        return isinstance(value, str) and value.startswith(argument)
    if operator == "exists":
        return (value is not _ABSENT) is argument
    if operator == "anything-but":
        unwanted = argument if isinstance(argument, list) else [argument]
        return value is not _ABSENT and value not in unwanted
    raise UnknownFilter(f"the local world does not know the filter operator {operator!r}")
