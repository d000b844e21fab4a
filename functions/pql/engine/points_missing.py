"""Which parts of a score would bring the points that are missing, for one account at one moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from pql.core.plain_words import number, signed
from pql.engine.literal import Literal, is_number
from pql.engine.offers import Offer, cheapest
from pql.engine.operands import Words
from pql.engine.wants import Want, missing, noun, now_words
from pql.engine.ways import Way, nearness, ways
from pql.rules.lint import COUNTING
from pql.rules.parts import Bands, Part, Per, Points, Weighted

# Further than so many units ahead only the whole distance is offered.
UNITS_OFFERED = 10


class PointsMissing:
    """Looks through the parts of a score for what they could still bring.

    `of_way` says what is missing of a way, `more` that so many more of a signal are to be counted.
    """

    def __init__(
        self, of_way: Callable[[Way], list[Want]], more: Callable[[str, Words, float], Want]
    ) -> None:
        self._of_way = of_way
        self._more = more

    def want(self, score: str, one: Literal) -> Want:
        """Return the points that are missing, and the cheapest parts that would bring them."""
        value, bound = one.value, one.leaf.threshold  # type: ignore[attr-defined] # a score is compared with a number
        wanted = float(bound - value)
        if one.operator == "more_than":
            wanted += 0.01
        chosen = cheapest(list(self._offers(score, one.words, 1.0, wanted)), wanted)
        parts = [msgspec.structs.replace(offer.want, points=offer.points) for offer in chosen]
        told = " and ".join(f"{offer.want.words} ({signed(offer.points)})" for offer in chosen)
        short = f"{number(wanted)} more points of {score}"
        words = f"{short}: {told}" if told else f"{short}, which its parts cannot bring any more"
        return Want("points", words, score, value, wanted, parts=parts, possible=bool(chosen))

    def _offers(self, score: str, words: Words, weight: float, wanted: float) -> Iterator[list[Offer]]:
        """Yield what each part of a score could bring, one way or another, times `weight`."""
        for part in words.scope.scores[score].parts:
            if isinstance(part, Weighted):
                if part.weight > 0:
                    yield from self._offers(part.score, words, weight * part.weight, wanted)
            else:
                offers = [
                    offer._replace(points=offer.points * weight)
                    for offer in self._of_part(part, words, wanted / weight)
                ]
                if offers:
                    yield offers

    def _of_part(self, part: Part, words: Words, wanted: float) -> Iterator[Offer]:
        if isinstance(part, Points):
            yield from self._of_points(part, words)
        elif isinstance(part, Per) and part.points > 0:
            yield from self._of_units(part, words, wanted)
        elif isinstance(part, Bands):
            yield from self._of_bands(part, words)

    def _of_points(self, part: Points, words: Words) -> Iterator[Offer]:
        """Yield the points for the nearest way of the condition; of taken points, for its end."""
        nearest = next(iter(ways(part.when, words, turned=part.points < 0)), None)
        if nearest is None or not part.points:
            return
        wants = self._of_way(nearest)
        if wants and all(one.possible for one in wants):
            yield Offer(abs(part.points), 1 - nearness(nearest), _together(wants))

    def _of_units(self, part: Per, words: Words, wanted: float) -> Iterator[Offer]:
        value: Any = words.signal(part.per)
        given = part.given(value)
        most = math.ceil((part.up_to - given) / part.points)
        units = min(most, math.ceil(wanted / part.points))
        for more_units in sorted({*range(1, min(units, UNITS_OFFERED) + 1), units} - {0}):
            points = min(part.up_to, given + more_units * part.points) - given
            yield Offer(
                points, more_units * part.points / part.up_to, self._unit(part.per, words, more_units)
            )

    def _unit(self, name: str, words: Words, units: int) -> Want:
        """Return that a signal's value is to be so many higher."""
        signal = words.scope.signals[name].signal
        if getattr(signal, "kind", "") in COUNTING:
            return self._more(name, words, float(units))
        value: Any = words.signal(name)
        wanted = (max(0, value) if is_number(value) else 0) + units
        told = f"{signal.words} must be at least {number(wanted)} ({now_words(value, signal)})"
        return Want("rise", told, name, value, missing(value, wanted))

    def _of_bands(self, part: Bands, words: Words) -> Iterator[Offer]:
        value: Any = words.signal(part.signal) if part.signal else words.trait(part.trait or "")
        reached = part.reached(value)
        given = 0.0 if reached is None else part.bands[reached]
        known = value if is_number(value) else None
        for bound in part.bounds:
            if part.bands[bound] <= given or (known is not None and bound <= known):
                continue
            name = part.signal or part.trait or ""
            what = noun(words.scope.signals[name].signal) if part.signal else name
            said_now = now_words(value)
            want = Want(
                "rise",
                f"{what} must be at least {number(bound)} ({said_now})",
                name,
                value,
                missing(value, bound),
            )
            effort = 1.0 if not known or known < 0 else 1 - known / bound
            yield Offer(part.bands[bound] - given, effort, want)


def _together(wants: list[Want]) -> Want:
    if len(wants) == 1:
        return wants[0]
    return Want("all", " and ".join(one.words for one in wants), "", parts=wants)
