"""Precision and recall of a score as its threshold moves, from the highest each account ever stood."""

from __future__ import annotations

import bisect

import msgspec

from pql.backtest.figures.population import About, One, Population
from pql.backtest.figures.wilson import Share, share

STEPS = 60


class Point(msgspec.Struct, frozen=True):
    """A threshold: who reached it before converting, and what share of them, and of all, converted."""

    threshold: float
    precision: Share
    recall: Share


class Curve(msgspec.Struct, frozen=True):
    """The points of a score, from its lowest threshold to its highest, over accounts or over people."""

    score: str
    about: About
    points: list[Point]


def curves(population: Population) -> list[Curve]:
    """Return a curve for each score that anybody of them has, by name.

    Conversions count to the end of the data, whatever the window: a peak says when the score was
    highest, and not when it passed a threshold.
    """
    observed = [one for one in population.of.values() if one.is_observable]
    converted = sum(one.converted is not None for one in observed)
    names = sorted({name for one in observed for name in one.peaks})
    return [Curve(name, population.about, _points(name, observed, converted)) for name in names]


def _points(name: str, observed: list[One], converted: int) -> list[Point]:
    reached = [one for one in observed if name in one.peaks]
    all_scores = sorted(one.peaks[name].score for one in reached)
    hit_scores = sorted(one.peaks[name].score for one in reached if one.converted is not None)
    found = []
    for threshold in _thresholds(all_scores):
        several = len(all_scores) - bisect.bisect_left(all_scores, threshold)
        hits = len(hit_scores) - bisect.bisect_left(hit_scores, threshold)
        found.append(Point(threshold, share(hits, several), share(hits, converted)))
    return found


def _thresholds(ordered: list[float]) -> list[float]:
    """Return the scores that occur, thinned evenly to a number that can be drawn."""
    distinct = sorted(set(ordered))
    if len(distinct) <= STEPS:
        return distinct
    return [distinct[place * (len(distinct) - 1) // (STEPS - 1)] for place in range(STEPS)]
