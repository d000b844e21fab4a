"""Comparisons hold any value against a bound without ever failing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.rules.comparison import Comparison

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
def test_no_value_makes_a_comparison_fail(value: Any, bound: dict[str, Any]) -> None:
    """Whatever a producer sends, a comparison is true or false."""
    assert Comparison.model_validate(bound).holds(value) in (True, False)
