"""Leads read many at a time, past those that nobody can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from pql.core.errors import Poison
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord

TOGETHER = 100  # as many as one call reads


class Records(Protocol):
    """Where leads are read."""

    def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
        """Return those of at most 100 leads that exist; raises `Poison` if one of them is no lead."""


def legible(
    leads: Records, keys: Iterable[LeadKey], passed: Callable[[LeadKey], object] = lambda _: None
) -> Iterator[LeadRecord]:
    """Yield those of the leads that exist, and tell `passed` of what is damaged or of a newer deployment.

    Raises `Unavailable`.
    """
    rest = iter(keys)
    while some := [*islice(rest, TOGETHER)]:
        try:
            yield from leads.records(some)
        except Poison:
            yield from _one_by_one(leads, some, passed)


def _one_by_one(
    leads: Records, keys: Iterable[LeadKey], passed: Callable[[LeadKey], object]
) -> Iterator[LeadRecord]:
    for key in keys:
        try:
            yield from leads.records([key])
        except Poison:
            passed(key)
