"""Distinct: who is kept of more than fit, and that no order of arrival matters to it."""

from __future__ import annotations

import itertools

from pql.core.aggregates import Distinct


def test_of_the_members_of_one_bucket_the_highest_are_kept_in_whatever_order_they_come() -> None:
    """Also of those that come once the lowest has been remembered."""
    found = set()
    for order in itertools.permutations(range(6)):
        distinct = Distinct(keep=2)
        for member in order:
            distinct.add(member, 7)
        found.add(tuple(distinct.newest))

    assert {(5, 4)} == found
