"""A document loses its depths, and keeps every character around them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.shallow import shallow

NESTED = st.recursive(
    st.integers() | st.text(alphabet='a"\\[]{}é\ud800🚀:,'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='"\\[{}]'), inner),
    max_leaves=20,
)


def without_depths(value: object, depth: int) -> object:
    """Return `value` with None for what lies below `depth` objects and arrays."""
    if not isinstance(value, (dict, list)):
        return value
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {key: without_depths(child, depth - 1) for key, child in value.items()}
    return [without_depths(child, depth - 1) for child in value]


@given(value=NESTED, depth=st.integers(0, 4), plain=st.booleans())
def test_fault_009_what_lies_too_deep_is_null(value: object, depth: int, *, plain: bool) -> None:
    """Brackets in strings are none, escaped quotes end no string, and the rest reads as it did."""
    text = json.dumps(value, ensure_ascii=plain)

    assert without_depths(value, depth) == json.loads(shallow(text, depth))


@given(NESTED)
def test_what_is_not_deep_keeps_every_character(value: object) -> None:
    """Spaces and escapes included."""
    text = json.dumps(value, indent=1)

    assert text == shallow(text, 100)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[1],[[2]]]", "[null,null]"),
        ('["é🚀",{"é":1},"é"]', '["é🚀",null,"é"]'),
        ("[[1]", "[null"),
        ("[1,[2,[3", "[1,null"),
        ("]][", "]]["),
        ('["[', '["['),
        ('["\\', '["\\'),
        ("", ""),
    ],
)
def test_fault_008_009_what_is_no_json_becomes_none(text: str, expected: str) -> None:
    """What closes too little or too much is left for the reader to refuse."""
    assert expected == shallow(text, 1)
