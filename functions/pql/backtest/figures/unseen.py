"""Who converted without any rule having seen it, and how near misses are."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pql.backtest.course import Course, Miss
from pql.backtest.figures import say
from pql.backtest.figures.group import caught_by
from pql.backtest.figures.population import Population, root
from pql.core.keys import is_person, readable
from pql.core.plain_words import number


class Unseen(msgspec.Struct, frozen=True):
    """Somebody who converted (epoch ms) without a lead before, and the rule they were nearest to."""

    key: str
    name: str
    first: int
    converted: int
    events: int
    nearest: Miss | None = None


def unseen(population: Population, course: Course) -> list[Unseen]:
    """Return them, those with a rule near first."""
    nearest: dict[str, Miss] = {}
    for miss in sorted(course.misses, key=lambda one: nearness(one)[1:]):
        nearest.setdefault(root(course, miss.subject), miss)
    found = [
        Unseen(one.key, readable(one.key), one.first, one.converted, one.events, nearest.get(one.key))
        for one in population.of.values()
        if one.converted is not None
        and one.is_observable
        and not any(caught_by(one, lead) for lead in one.leads)
    ]
    return sorted(found, key=lambda one: (one.nearest is None, -one.events, one.converted, one.key))


def amount(found: Sequence[Unseen]) -> str:
    """Return how many they are, accounts and people told apart where there are both: some may be the same."""
    people = sum(is_person(one.key) for one in found)
    if not 0 < people < len(found):
        return number(len(found))
    return f"{say.several(len(found) - people, 'accounts')} and {say.several(people, 'people')}"


def nearness(miss: Miss) -> tuple[bool, float, float, int, str, str]:
    """Return what puts the nearest miss first, and those last to whom it cannot happen any more."""
    met = miss.met / miss.of if miss.of else 0.0
    return miss.converted, -miss.nearness, -met, miss.of, miss.rule, miss.subject
