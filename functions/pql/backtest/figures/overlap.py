"""How far two rules speak of the same accounts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import msgspec


class Overlap(msgspec.Struct, frozen=True):
    """Two rules, in the order of the pack, and how many accounts each and both made a lead of."""

    one: str
    other: str
    of_one: int
    of_other: int
    both: int

    @property
    def jaccard(self) -> float:
        """Return the share of both among either; 0 where neither has any."""
        either = self.of_one + self.of_other - self.both
        return self.both / either if either else 0.0


def overlaps(accounts: Mapping[str, AbstractSet[str]]) -> list[Overlap]:
    """Return every pair of rules, by the accounts of each."""
    return [
        Overlap(one, other, len(accounts[one]), len(accounts[other]), len(accounts[one] & accounts[other]))
        for one, other in itertools.combinations(accounts, 2)
    ]
