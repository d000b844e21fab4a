"""Which parts of a score would bring the points that are missing, at the least effort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pql.engine.wants import Want

FRONTIER = 256
_ROUNDING = 1e-9


class Offer(NamedTuple):
    """So many points for what is wanted. `effort` is how far off it is, from 0 to 1."""

    points: float
    effort: float
    want: Want


class _Choice(NamedTuple):
    """Some offers together."""

    points: float = 0.0
    effort: float = 0.0
    offers: tuple[Offer, ...] = ()


def cheapest(groups: Iterable[Sequence[Offer]], points: float) -> tuple[Offer, ...]:
    """Return the offers, one of each group at most, that bring `points` at the least effort together.

    None at all if all of them are not enough.
    """
    frontier = [_Choice()]
    for group in groups:
        wider = [
            _Choice(one.points + offer.points, one.effort + offer.effort, (*one.offers, offer))
            for one in frontier
            for offer in group
            if one.points < points - _ROUNDING
        ]
        frontier = _undominated([*frontier, *wider], points)
    enough = [one for one in frontier if one.points >= points - _ROUNDING]
    return min(enough, key=_price).offers if enough else ()


def _undominated(choices: list[_Choice], points: float) -> list[_Choice]:
    """Return the choices to which no other gives as many points for less; more than enough is enough."""
    kept: list[_Choice] = []
    for one in sorted(choices, key=lambda one: (-min(one.points, points), *_price(one))):
        if not kept or one.effort < kept[-1].effort - _ROUNDING:
            kept.append(one)
    return kept[:FRONTIER]


def _price(choice: _Choice) -> tuple[float, int]:
    return round(choice.effort, 9), len(choice.offers)
