"""The numbers a score is held against, moved to where the score stands by other points."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.points import grain, rounded
from pql.backtest.calibrate.thresholds import (
    Bound,
    alike,
    for_precision,
    most_precise,
    reaches,
    taken,
)
from pql.backtest.course import Course
from pql.backtest.figures.population import About, Population, populations


class Scale:
    """The highest each account's score stood before it converted, by the points before and by those after.

    `most` is the highest that it can stand at all by those after.
    """

    def __init__(self, items: Items, was: Course, now: Course, most: float = math.inf) -> None:
        self._most = most
        self._score = str(items.path[1])
        self._step = grain(items)
        self.kind: About = "people" if items.subject == "user" else "accounts"
        self._now = populations(now).get(self.kind)
        self._old, self._new = self._tops(populations(was).get(self.kind)), self._tops(self._now)

    def thresholds(self, *, strict: bool) -> list[float]:
        """Return what a score of somebody just reaches, or exceeds, in whole steps, the lowest first."""
        return taken(self._new, self._step, strict=strict)

    def numbers(
        self, places: Sequence[Bound], target: str | None = None, wanted: float | None = None
    ) -> dict[Bound, float]:
        """Return the number for each bound: the `wanted` for the rule `target`, as many for others."""
        found: dict[Bound, float] = {}
        for one in places:
            aimed = wanted is not None and one.rule is not None and one.rule == target
            found[one] = wanted if aimed and wanted is not None else self._alike(one)
        for one in places:  # an exit stays as far below its entrance as it was
            entrance = next((at for at in places if at.is_floor and at.path[:2] == one.path[:2]), None)
            if not one.is_floor and entrance is not None and entrance.number:
                share = found[entrance] / entrance.number
                found[one] = max(rounded(one.number * share, self._step), self._step)
        return {one: self._in_reach(one, number) for one, number in found.items()}

    def for_precision(
        self, wanted: float, since: int, within: int, *, strict: bool
    ) -> tuple[float | None, str | None]:
        """Return the threshold with the precision among those first seen before `since`, or what is the most.

        They converted `within` ms; times are epoch ms. One that is `strict` is to be exceeded.
        """
        everyone = [] if self._now is None else self._now.of.values()
        end = 0 if self._now is None else self._now.end
        older = [one for one in everyone if one.first < since]
        reached = [*reaches(older, self._score, self._step, end, within, strict=strict)]
        found = for_precision(reached, wanted)
        if found is not None:
            return found.threshold, None
        best = most_precise(reached)
        told = f"; {best.precision * 100:.1f} % at {best.threshold:g} is the most" if best else ""
        return None, f"no threshold has a precision of {wanted * 100:g} % among older accounts{told}"

    def _in_reach(self, one: Bound, number: float) -> float:
        """Return the number, or what all the points there are just reach: rounding may have taken some."""
        most = self._most - self._step if one.is_strict else self._most
        return round(min(number, most), 6) if one.is_floor else number

    def _alike(self, one: Bound) -> float:
        if self._old == self._new:
            return one.number
        return alike(one.number, self._old, self._new, self._step, strict=one.is_strict)

    def _tops(self, population: Population | None) -> list[float]:
        everyone = () if population is None else population.of.values()
        return [one.peaks[self._score].score for one in everyone if self._score in one.peaks]
