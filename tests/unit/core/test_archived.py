"""What the names of the archive's objects say is what they were given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.archived import Merged, counted_at, merged, named, order_of

MOMENTS = st.integers(0, 10**13 - 1)
TOKENS = st.from_regex(r"[0-9a-f]{1,8}", fullmatch=True)
RESTS = st.from_regex(r"[0-9a-z_-]{0,12}", fullmatch=True)


@given(MOMENTS, RESTS, MOMENTS, st.integers(0, 10**6), TOKENS, TOKENS)
def test_a_merged_object_says_what_went_into_it(
    at: int, rest: str, last: int, lines: int, token: str, first: str
) -> None:
    """By its name alone, and it stands where the first of them stood."""
    one = Merged(named(at, rest), last, lines, token, first)

    assert one == merged(one.name)
    assert at == counted_at(order_of(one.name, 5))


@given(MOMENTS, MOMENTS)
def test_names_are_in_the_order_of_counting(one: int, other: int) -> None:
    """As text, whatever follows the moment."""
    assert (one < other) == (named(one, "z") < named(other, "a")) or one == other


@pytest.mark.parametrize("name", ["replay-17.jsonl.gz", "123-r.jsonl.gz", "a" * 20])
def test_a_name_without_a_moment_is_sorted_by_when_it_was_written(name: str) -> None:
    """And is no merged object, for those begin with one."""
    assert (7, None) == (counted_at(order_of(name, 7)), merged(name))
    assert order_of(name, 7).endswith(f"-{name}")
