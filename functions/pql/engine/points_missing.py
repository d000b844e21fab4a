"""Which parts of a score would bring the points that are missing, for one account at one moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, assert_never, cast

import msgspec

from pql.core.plain_words import number, signed
from pql.engine.demand import Demand
from pql.engine.offers import Offer, cheapest
from pql.engine.wants import Want, missing, now_words, soon
from pql.engine.ways import Way, ways_to
from pql.engine.words import Words
from pql.rules.comparison import is_number
from pql.rules.parts import Bands, Kinds, Per, Points, Weighted
from pql.rules.score import DECIMALS

# Further than so many units ahead only the whole distance is offered.
UNITS_OFFERED = 10


class PointsMissing:
    """Looks through the parts of a score for what they could still bring.

    `of_way` says what is missing of a way, `more` that so many more of a signal are to be counted, both
    before a moment (epoch ms), if there is one.
    """

    def __init__(
        self,
        of_way: Callable[[Way, int | None], list[Want]],
        more: Callable[[str, Words, float, int | None], Want],
    ) -> None:
        self._of_way = of_way
        self._more = more

    def want(self, score: str, one: Demand, limit: int | None) -> Want:
        """Return the points that are missing, and the cheapest parts that would bring them before `limit`."""
        value = one.value
        wanted = float(one.bound - value)
        if one.operator == "more_than":
            wanted += 0.01
        chosen = cheapest(list(self._offers(score, one.words, 1.0, wanted, limit)), wanted)
        parts = [msgspec.structs.replace(offer.want, points=offer.points) for offer in chosen]
        told = " and ".join(f"{offer.want.words} ({signed(offer.points)})" for offer in chosen)
        ends = [offer.want.until for offer in chosen if offer.want.until is not None]
        limit = min(ends, default=limit)
        # Whatever is to be counted says so itself.
        unsaid = limit is not None and not any(part.kind in ("more", "all") for part in parts)
        before = f" {soon(limit, one.words.now)}" if unsaid and limit is not None else ""
        short = f"{number(wanted)} more {'point' if wanted == 1 else 'points'} of {score}{before}"
        words = f"{short}: {told}" if told else f"{short}, which its parts cannot bring any more"
        return Want("points", words, score, value, wanted, limit, parts=parts, possible=bool(chosen))

    def _offers(
        self, score: str, words: Words, weight: float, wanted: float, limit: int | None
    ) -> Iterator[list[Offer]]:
        """Yield what each part of a score could bring, one way or another, times `weight`."""
        for part in cast("tuple[Kinds, ...]", words.scope.scores[score].parts):
            if isinstance(part, Weighted):
                if part.weight > 0:
                    yield from self._offers(part.score, words, weight * part.weight, wanted, limit)
            else:
                offers = [
                    offer._replace(points=offer.points * weight)
                    for offer in self._of_part(part, words, wanted / weight, limit)
                ]
                if offers:
                    yield offers

    def _of_part(
        self, part: Bands | Per | Points, words: Words, wanted: float, limit: int | None
    ) -> Iterator[Offer]:
        if isinstance(part, Points):
            yield from self._of_points(part, words, limit)
        elif isinstance(part, Per):
            if part.points > 0:
                yield from self._of_units(part, words, wanted, limit)
        elif isinstance(part, Bands):
            yield from self._of_bands(part, words, limit)
        else:
            assert_never(part)

    def _of_points(self, part: Points, words: Words, limit: int | None) -> Iterator[Offer]:
        """Yield the points for the nearest way of the condition; of taken points, for its end."""
        nearest = next(iter(ways_to(part.when, words, turned=part.points < 0)), None)
        if nearest is None or not part.points:
            return
        wants = self._of_way(nearest, limit)
        if wants and all(one.possible for one in wants):
            yield Offer(abs(part.points), 1 - nearest.nearness, _together(wants))

    def _of_units(self, part: Per, words: Words, wanted: float, limit: int | None) -> Iterator[Offer]:
        value: Any = words.signal(part.per)
        given = part.given(value)
        most = math.ceil((part.up_to - given) / part.points)
        # Points are exact to a millionth, and 2.1 / 0.15 is a little more than 14.
        units = min(most, math.ceil(round(wanted / part.points, DECIMALS)))
        for more_units in sorted({*range(1, min(units, UNITS_OFFERED) + 1), units} - {0}):
            points = min(part.up_to, given + more_units * part.points) - given
            unit = self._unit(part.per, words, more_units, limit)
            yield Offer(points, more_units * part.points / part.up_to, unit)

    def _unit(self, name: str, words: Words, units: int, limit: int | None) -> Want:
        """Return that a signal's value is to be so many higher."""
        signal = words.scope.spoken[name]
        if signal.counts:
            return self._more(name, words, float(units), limit)
        value: Any = words.signal(name)
        wanted = (max(0, value) if is_number(value) else 0) + units
        told = f"{signal.words} to be at least {number(wanted)} ({now_words(value, signal)})"
        return Want("rise", told, name, value, missing(value, wanted), limit)

    def _of_bands(self, part: Bands, words: Words, limit: int | None) -> Iterator[Offer]:
        value: Any = words.signal(part.signal) if part.signal else words.trait(part.trait or "")
        reached = part.reached(value)
        given = 0.0 if reached is None else part.bands[reached]
        known = value if is_number(value) else None
        name = part.signal or part.trait or ""
        signal = words.scope.spoken[part.signal] if part.signal else None
        for bound in part.bounds:
            if part.bands[bound] <= given or (known is not None and bound <= known):
                continue
            effort = 1.0 if not known or known < 0 else 1 - known / bound
            if signal is not None and signal.counts and known is not None:
                want = self._more(name, words, math.ceil(bound) - known, limit)
            else:
                what = name if signal is None else words.called(name)
                told = f"{what} to be at least {number(bound)} ({now_words(value, signal)})"
                want = Want("rise", told, name, value, missing(value, bound), limit)
            yield Offer(part.bands[bound] - given, effort, want)


def _together(wants: list[Want]) -> Want:
    if len(wants) == 1:
        return wants[0]
    return Want("all", " and ".join(one.words for one in wants), "", parts=wants)
