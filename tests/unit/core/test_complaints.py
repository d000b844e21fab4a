"""A log says what is wrong with a message and not what was in it."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.complaints import without_value


class _Call(msgspec.Struct):
    kind: Literal["track", "page"]
    count: int


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"kind": "ana@northwind.example", "count": 1}, "Invalid enum value - at `$.kind`"),
        ({"kind": "it's ' - at home", "count": 1}, "Invalid enum value - at `$.kind`"),
        ({"kind": "page", "count": "many"}, "Expected `int`, got `str` - at `$.count`"),
        ({"kind": "page"}, "Object missing required field `count`"),
    ],
)
def test_fault_103_a_complaint_names_the_place_and_not_the_value(sent: object, told: str) -> None:
    """Whoever looks into it has the message itself."""
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(sent, _Call)

    assert told == without_value(raised.value)


@given(st.text(min_size=8))
def test_fault_103_no_value_gets_into_a_complaint(value: str) -> None:
    """However it is quoted."""
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert({"kind": value, "count": 1}, _Call)

    assert "Invalid enum value - at `$.kind`" == without_value(raised.value)
