"""The ways in which a condition can hold, and how much of each holds already.

Each way is a conjunction of comparisons, looked at through other rules and in the names of their files.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from pql.engine.literal import Literal
from pql.engine.operands import Words
from pql.rules import logic
from pql.rules.conditions import All, Condition, Not, RuleCondition
from pql.rules.conditions import Any as AnyOf

# Of more ways than this the nearest are looked at: nobody writes so many by hand.
WAYS_KEPT = 256
Way = tuple[Literal, ...]


def ways(condition: Condition, words: Words, *, turned: bool = False) -> list[Way]:
    """Return the ways in which a condition can come to hold (`turned`: not to), nearest first."""
    if isinstance(condition, Not):
        return ways(condition.inner, words, turned=not turned)
    if isinstance(condition, (All, AnyOf)):
        inner = [ways(one, words, turned=turned) for one in getattr(condition, condition.kind)]
        every = isinstance(condition, All) is not turned
        return joined(inner) if every else _nearest(itertools.chain.from_iterable(inner))
    if isinstance(condition, RuleCondition) and condition.fired_within is None:
        other, scope = words.scope.book.rules[condition.rule]
        return ways(other.when, words.of(scope), turned=turned)
    return [(Literal(condition, words, turned),)]


def joined(several: Iterable[list[Way]]) -> list[Way]:
    """Return the ways in which all of several things can hold together, nearest first."""
    found: list[Way] = [()]
    for one in several:
        found = _nearest(both for way in found for other in one if _is_possible(both := (*way, *other)))
    return found


def nearness(way: Way) -> float:
    """Return how much of a way holds, from 0 to 1, and 1 only if all of it does."""
    return sum(one.nearness for one in way) / len(way) if way else 1.0


def _nearest(found: Iterable[Way]) -> list[Way]:
    return sorted(found, key=lambda way: (-nearness(way), len(way)))[:WAYS_KEPT]


def _is_possible(way: Way) -> bool:
    return not logic.conflict(tuple(one.plain() for one in way))


def unmet(way: Way) -> Iterator[tuple[Literal, ...]]:
    """Yield the comparisons of a way value by value, for values of which some comparison does not hold."""
    by_subject: dict[tuple[str, Any], list[Literal]] = {}
    for one in way:
        by_subject.setdefault(one.subject, []).append(one)
    for same in by_subject.values():
        if not all(one.met for one in same):
            yield tuple(same)
