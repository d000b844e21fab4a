"""Backoff: patient, never hasty, never longer than a quarter of an hour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.flows.backoff import LONGEST, backoff


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 300), (5, 900), (299, 900)])
def test_each_attempt_waits_longer(attempt: int, seconds: int) -> None:
    """Five seconds at first, a quarter of an hour in the end."""
    assert seconds == backoff(attempt, 0.0, 0.5)


@given(st.integers(0, 1_000), st.floats(0, 1e12), st.floats(0, 1))
def test_what_slack_asks_for_is_kept(attempt: int, named: float, chance: float) -> None:
    """The wait is at least what the provider named and at most fifteen minutes."""
    assert min(named, LONGEST) <= backoff(attempt, named, chance) <= LONGEST
