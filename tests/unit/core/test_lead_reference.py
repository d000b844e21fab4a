"""How people name leads."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pql.core.keys import LeadKey, account_key, anonymous_key, person_key, user_key, visitor_key
from pql.core.lead_reference import reference, referred

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=250)


@given(
    IDS,
    st.sampled_from([account_key, user_key, anonymous_key, person_key, visitor_key]),
    st.integers(1, 10**8),
)
@example("u:ada", account_key, 1)
@example("p:ada", account_key, 1)
@example("a:acme", account_key, 1)
@example("acme/busy#1", account_key, 2)
@example("x" * 201, user_key, 1)
def test_a_reference_is_read_as_what_it_was_made_of(name: str, kind: object, cycle: int) -> None:
    """Whatever a sender calls an account: what a list shows can be typed."""
    assert callable(kind)
    key = LeadKey(kind(name), "busy", cycle)

    assert key == referred(reference(key))


def test_an_account_goes_by_its_own_id() -> None:
    """People type what they know."""
    assert "acme inc/busy#2" == reference(LeadKey("a:acme%20inc", "busy", 2))
    assert "u:ada/busy#1" == reference(LeadKey("u:ada", "busy", 1))


@pytest.mark.parametrize("text", ["", "acme", "acme/busy", "acme/busy#0", "acme/busy#x", "/busy#1", "acme#1"])
def test_anything_else_names_no_lead(text: str) -> None:
    """Account, rule and cycle belong to it."""
    assert referred(text) is None
