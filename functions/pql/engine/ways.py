"""The ways in which a condition can hold, and how much of each holds already.

Each way is a conjunction of demands, looked at through other rules and in the names of their files.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pql.engine.demand import Demand
from pql.engine.words import Words
from pql.rules import logic
from pql.rules.conditions import Condition, Joined, Not, RuleCondition

# Of more ways than this the nearest are looked at: nobody writes so many by hand.
WAYS_KEPT = 256


class Way:
    """Demands that must all hold.

    What holds for everybody is no part of how near it is: an account that did nothing has come nowhere.
    """

    def __init__(self, demands: Sequence[Demand] = ()) -> None:
        self.demands = demands
        told = [one.nearness for one in demands if not one.is_given]
        self.nearness = sum(told) / len(told) if told else 1.0
        self._told = sum(told), len(told)

    @functools.cached_property
    def by_subject(self) -> dict[tuple[str, Any], list[Demand]]:
        """Return the demands value by value."""
        found: dict[tuple[str, Any], list[Demand]] = {}
        for one in self.demands:
            found.setdefault(one.subject, []).append(one)
        return found

    def with_(self, other: Way) -> Way:
        """Return the way in which both are gone; what both ask for is asked for once."""
        known = self.by_subject
        new = [
            one for one in other.demands if not any(one.is_same(same) for same in known.get(one.subject, ()))
        ]
        return Way((*self.demands, *new))

    def nearness_with(self, other: Way) -> float:
        """Return about how near both are together, before what they share is known."""
        (mine, parts), (theirs, others) = self._told, other._told
        return (mine + theirs) / (parts + others) if parts + others else 1.0

    def unmet(self) -> Iterator[Sequence[Demand]]:
        """Yield the demands value by value, for values of which some demand does not hold."""
        for same in self.by_subject.values():
            if not all(one.met for one in same):
                yield same


def ways_to(condition: Condition, words: Words, *, turned: bool = False) -> list[Way]:
    """Return the ways in which a condition can come to hold (`turned`: not to), nearest first."""
    if isinstance(condition, Not):
        return ways_to(condition.inner, words, turned=not turned)
    if isinstance(condition, Joined):
        inner = [ways_to(one, words, turned=turned) for one in condition.inner]
        every = condition.every is not turned
        return joined(inner) if every else _nearest(itertools.chain.from_iterable(inner))
    if isinstance(condition, RuleCondition) and condition.fired_within is None:
        other, scope = words.scope.book.rules[condition.rule]
        return ways_to(other.when, words.of(scope), turned=turned)
    demand = Demand(condition, words, turned=turned)
    return [] if logic.conflict((demand.plain,)) else [Way((demand,))]


def joined(several: Sequence[list[Way]]) -> list[Way]:
    """Return the ways in which all of several things can hold together, nearest first."""
    clashes = _Clashes()
    found = [Way()]
    for one in several:
        pairs = sorted(
            itertools.product(found, one),
            key=lambda pair: (-pair[0].nearness_with(pair[1]), len(pair[0].demands) + len(pair[1].demands)),
        )
        possible = (way.with_(other) for way, other in pairs if not clashes.between(way, other))
        found = _nearest(itertools.islice(possible, WAYS_KEPT))
    return found


class _Clashes:
    """Whether two ways, each of which can be gone, can be gone together; each clash is looked for once.

    Only demands on one value can clash, and the same few meet in very many ways.
    """

    def __init__(self) -> None:
        self._known: dict[frozenset[int], bool] = {}

    def between(self, one: Way, other: Way) -> bool:
        """Return whether some demands of both exclude each other."""
        few, many = sorted((one.by_subject, other.by_subject), key=len)
        return any(self._clash([*same, *many[subject]]) for subject, same in few.items() if subject in many)

    def _clash(self, same: Sequence[Demand]) -> bool:
        # No demand is made or lost while ways are joined: each is in a list that the caller holds.
        key = frozenset(map(id, same))
        if key not in self._known:
            self._known[key] = bool(logic.conflict(tuple(one.plain for one in same)))
        return self._known[key]


def _nearest(found: Iterable[Way]) -> list[Way]:
    return sorted(found, key=lambda way: (-way.nearness, len(way.demands)))[:WAYS_KEPT]
