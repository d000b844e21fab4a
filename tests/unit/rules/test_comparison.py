"""Comparisons hold any value against a bound without ever failing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pql.rules.comparison import Comparison
from pql.rules.where import Filter, where_words

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
BOUNDS = [
    {"at_least": 3}, {"more_than": 3}, {"at_most": 3}, {"less_than": 3}, {"is": "pdf"}, {"is": 3}, {"is": True},
    {"in": ["pdf", 3]}, {"exists": True}, {"exists": False}, {"starts_with": "p"}, {"contains": "d"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("bound", "yes", "no"),
    [
        ({"at_least": 3}, [3, 3.5, 4], [2.9, "3", True, None, []]),
        ({"more_than": 3}, [3.1, 4], [3, 2, "4", None]),
        ({"at_most": 3}, [3, -1], [3.1, None, "2", False]),
        ({"less_than": 3}, [2, 2.9], [3, 4, None]),
        ({"is": "pdf"}, ["pdf"], ["PDF", "pdf ", None, 1]),
        ({"is": 1}, [1, 1.0], [True, "1", None]),
        ({"is": True}, [True], [1, "true", None]),
        ({"in": ["a", 2]}, ["a", 2], ["b", True, "2", None]),
        ({"exists": True}, [0, "", False, []], [None]),
        ({"exists": False}, [None], [0, ""]),
        ({"starts_with": "ab"}, ["ab", "abc"], ["a", "xab", None, 1, ["ab"]]),
        ({"contains": "b"}, ["abc", ["b"]], ["ac", None, 1, ["abc"], {"b": 1}]),
    ],
)
def test_each_operator_says_yes_and_no_where_it_should(
    bound: dict[str, Any], yes: list[Any], no: list[Any]
) -> None:
    """Each operator accepts these and refuses those; unlike things are never equal nor ordered."""
    comparison = Comparison.model_validate(bound)

    assert (yes, no) == (list(filter(comparison.holds, yes)), [v for v in no if not comparison.holds(v)])


@given(VALUES, st.sampled_from(BOUNDS))
def test_fault_102_no_value_makes_a_comparison_fail(value: Any, bound: dict[str, Any]) -> None:
    """Whatever a producer sends, a comparison is true or false."""
    assert Comparison.model_validate(bound).holds(value) in (True, False)


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({"more_than": 1, "less_than": 4}, [2, 3]),
        ({"at_least": 1, "less_than": 4}, [1, 2, 3]),
        ({"more_than": 1, "at_most": 4}, [2, 3, 4]),
        ({"at_least": 1.5, "at_most": 3.5}, [2, 3]),
        ({"at_least": 3, "at_most": 1}, []),
        ({"at_least": 4}, [4, 5]),
    ],
)
def test_a_filter_may_have_a_bound_on_either_side(bounds: dict[str, float], kept: list[int]) -> None:
    """Both must hold; what is no number is between no bounds."""
    assert kept == [
        one for one in (0, 1, 2, 3, 4, 5, "3", True, None) if Filter.model_validate(bounds).holds(one)
    ]


def test_both_bounds_of_a_filter_are_told() -> None:
    """In the order of growing, whatever the order in the file."""
    found = where_words({"pages": Filter.model_validate({"less_than": 50, "at_least": 10})})

    assert " where pages at least 10 and pages less than 50" == found


@pytest.mark.parametrize(
    "bounds",
    [
        {"at_least": 1, "more_than": 2},
        {"at_most": 1, "less_than": 2},
        {"at_least": 1, "is": 2},
        {"at_least": 1, "at_most": 2, "exists": True},
        {"is": 1, "in": [1]},
        {},
    ],
)
def test_any_other_two_operators_of_a_filter_are_refused(bounds: dict[str, Any]) -> None:
    """They exclude each other, or one of them says nothing."""
    with pytest.raises(ValidationError, match="or a bound below and one above"):
        Filter.model_validate(bounds)
