"""The filter of an event source mapping."""

from __future__ import annotations

import pytest

from pql.dev.filters import UnknownFilter, criteria, passes

RECORD = {"eventName": "INSERT", "dynamodb": {"Keys": {"sk": {"S": "lead#classic#1"}}, "SizeBytes": 5}}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": ["MODIFY", "INSERT"]}, True),
        ({"eventName": ["MODIFY"]}, False),
        ({"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "lead#"}]}}}}, True),
        ({"dynamodb": {"Keys": {"sk": {"S": [{"prefix": "state"}]}}}}, False),
        ({"dynamodb": {"Keys": {"other": {"S": ["x"]}}}}, False),
        ({"dynamodb": {"OldImage": [{"exists": False}]}}, True),
        ({"dynamodb": {"SizeBytes": [{"exists": True}]}}, True),
        ({"dynamodb": {"SizeBytes": [5]}}, True),
        ({"dynamodb": {"SizeBytes": ["5"]}}, False),
        ({"eventName": [{"anything-but": ["REMOVE"]}]}, True),
        ({"eventName": [{"anything-but": "INSERT"}]}, False),
        ({"absent": [{"anything-but": "INSERT"}]}, False),
    ],
)
def test_patterns(pattern: dict[str, object], *, expected: bool) -> None:
    """Every member of a pattern must be met, by one of its alternatives."""
    assert expected == passes(RECORD, [pattern])


def test_no_pattern_passes_everything() -> None:
    """A mapping without filter hands over every record."""
    assert passes(RECORD, criteria({}))


def test_one_of_several_patterns_is_enough() -> None:
    """Filters of one mapping are alternatives."""
    mapping = {
        "FilterCriteria": {
            "Filters": [{"Pattern": '{"eventName":["X"]}'}, {"Pattern": '{"eventName":["INSERT"]}'}]
        }
    }

    assert passes(RECORD, criteria(mapping))


@pytest.mark.parametrize(
    "pattern", [{"eventName": [{"suffix": "T"}]}, {"eventName": "INSERT"}, {"eventName": [{}]}]
)
def test_an_unknown_operator_is_refused(pattern: dict[str, object]) -> None:
    """A filter that cannot be judged is an error, never a silent yes or no."""
    with pytest.raises(UnknownFilter):
        passes(RECORD, [pattern])
