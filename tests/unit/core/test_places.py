"""The account of an event is the first id found in an ordered list of places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.places import DEFAULT_PLACES, finder, places_from

find = finder()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"context": {"groupId": "a"}, "groupId": "b"}, "a"),
        ({"groupId": "b", "properties": {"account_id": "c"}}, "b"),
        ({"context": {"groupId": 777}}, "777"),
        ({"context": {"groupId": 777.0}}, "777"),
        ({"context": {"groupId": "  "}, "groupId": "", "properties": {"team_id": 4}}, "4"),
        ({"context": {"groups": {"agency": "a", "zoo": "z", "company": "c"}}}, "c"),
        ({"context": {"groups": {"agency": "a", "account": "c", "organization": "o"}}}, "c"),
        ({"context": {"groups": {"agency": "a", "organization": "o"}}}, "o"),
        ({"context": {"groups": {"zoo": "z", "team": "t"}}}, "t"),
        ({"context": {"groups": {"company": "", "team": "t"}}}, "t"),
        ({"context": {"groups": {"company": {"id": 9}}}}, "9"),
        ({"properties": {"$groups": {"organization": "o"}}}, "o"),
        ({"properties": {"account_id": 987, "groupId": 654, "company": {"id": 321}}}, "987"),
        ({"properties": {"accountId": "x"}}, "x"),
        ({"properties": {"groupId": "x"}}, "x"),
        ({"properties": {"group_id": "x"}}, "x"),
        ({"properties": {"company_id": "x"}}, "x"),
        ({"properties": {"organization_id": "x"}}, "x"),
        ({"properties": {"workspace_id": "x"}}, "x"),
        ({"context": {"traits": {"company": {"id": "x"}}}}, "x"),
        ({"traits": {"company": {"id": "x"}}}, "x"),
        ({"groupId": "a", "context": {"groups": {"company": "b"}}}, "a"),
        ({"context": {"groups": {"zoo": "a"}}, "properties": {"$groups": {"company": "b"}}}, "a"),
        ({"properties": {"$groups": {"zoo": "a"}, "account_id": "b"}}, "a"),
        ({"properties": {"team_id": "a"}, "context": {"traits": {"company": {"id": "b"}}}}, "a"),
        ({"context": {"traits": {"company": {"id": "a"}}}, "traits": {"company": {"id": "b"}}}, "a"),
        ({"traits": {"company": "Acme Ltd"}}, None),
        ({"properties": {"company": "Acme Ltd"}}, None),
        ({"context": None, "properties": [], "traits": "x"}, None),
        ({"context": {"groups": [1], "groupId": True}}, None),
        ({}, None),
    ],
)
def test_the_default_places(event: dict[str, Any], expected: str | None) -> None:
    """Each habit of naming an account is found, in the order of how much it means."""
    assert expected == find(event)


def test_places_are_a_setting() -> None:
    """A deployment may name its own places; an empty setting means the default ones."""
    assert DEFAULT_PLACES == places_from("") == places_from(" , ")
    assert ("context.tenant", "properties.org") == places_from("context.tenant, properties.org,")
    assert "o" == finder(places_from("context.tenant,properties.org"))(
        {"properties": {"org": "o", "account_id": "a"}}
    )


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda v: st.dictionaries(
            st.sampled_from(
                ["context", "groupId", "groups", "properties", "$groups", "traits", "company", "id"]
            ),
            v,
        ),
    )
)
def test_any_shape_has_an_account_or_none(value: Any) -> None:
    """No nesting of the wrong kind raises."""
    found = find(value if isinstance(value, dict) else {"context": value})

    assert found is None or found.strip()
