"""Keys: no id reaches another's items."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from pql.core.keys import (
    KEY_LIMIT,
    account_key,
    anonymous_key,
    encoded,
    in_logs,
    person_key,
    readable,
    user_key,
    visitor_key,
)

IDS = st.text(st.characters(), min_size=1, max_size=80) | st.text("a#~%:/", min_size=1, max_size=300)


@given(IDS, IDS)
def test_fault_071_different_ids_have_different_keys(one: str, other: str) -> None:
    """The encoding is injective, for every string there is."""
    assert (one == other) is (encoded(one) == encoded(other))


@given(IDS)
def test_fault_071_a_key_is_short_and_plain(identifier: str) -> None:
    """At most 200 bytes of `[A-Za-z0-9_.~%-]`, so that no delimiter can be injected."""
    key = encoded(identifier)

    assert len(key) <= KEY_LIMIT
    assert set(key) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~%")


@given(st.text(min_size=1, max_size=20))
def test_a_key_that_was_not_hashed_reads_back(identifier: str) -> None:
    """People see the id they know."""
    assert identifier == readable(account_key(identifier))


@given(IDS)
def test_a_log_names_accounts_and_no_people(identifier: str) -> None:
    """Of a person it has twelve digits of a hash, by which whoever has the key finds them."""
    people = [key(identifier) for key in (user_key, anonymous_key, person_key, visitor_key)]

    assert account_key(identifier) == in_logs(account_key(identifier))
    assert [f"{one[:2]}~{hashlib.sha256(one.encode()).hexdigest()[:12]}" for one in people] == [
        in_logs(one) for one in people
    ]
