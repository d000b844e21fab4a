"""Where a score is held against a bound, and which bound does what is wanted of it."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pql.backtest.calibrate.points import rounded
from pql.backtest.figures.outcome import outcome
from pql.backtest.figures.population import One
from pql.core.window import DAY
from pql.rules.comparison import LOWER, ORDERED
from pql.rules.source import Path, Source

FEWEST = 20  # accounts whose outcome is known, below which a precision says little
_TIERS = ("hot", "warm")


class Bound(NamedTuple):
    """A place that holds the score against `number`; `rule` is the one it stands in, if it is one's `when`.

    `is_floor` says that the score is to be at least that, or more; otherwise it is to be below.
    """

    path: Path
    number: float
    rule: str | None
    is_floor: bool


class Reach(NamedTuple):
    """Who reached a threshold: how many, how many with a known outcome, and how many of them converted."""

    threshold: float
    accounts: int
    decided: int
    hits: int

    @property
    def precision(self) -> float:
        """Return the share that converted."""
        return self.hits / self.decided if self.decided else 0.0


def bounds(source: Source, score: str) -> list[Bound]:
    """Return every bound of a score in its file, outside the tests."""
    sections = source.data or {}
    return [
        one
        for section, part in sections.items()
        if section != "tests"
        for one in _bounds(part, (section,), score)
    ]


def _bounds(data: Any, path: Path, score: str) -> Iterator[Bound]:
    if isinstance(data, Mapping):
        if data.get("score") == score:
            rule = str(path[1]) if path[0] == "rules" and path[2] == "when" else None
            for key in (*ORDERED, *_TIERS):
                if isinstance(data.get(key), (int, float)):
                    yield Bound((*path, key), float(data[key]), rule, key in (*LOWER, *_TIERS))
        for key, value in data.items():
            yield from _bounds(value, (*path, key), score)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _bounds(value, (*path, index), score)


def reaches(people: Sequence[One], score: str, step: float, end: int, within: int | None) -> Iterator[Reach]:
    """Yield who reached each threshold, a step apart, by how high the score stood before they converted."""
    tops = sorted(
        (one.peaks[score].score, outcome(one.peaks[score].at, one.converted, end, within))
        for one in people
        if score in one.peaks and one.is_observable
    )
    scores = [top for top, _ in tops]
    # Of the first so many, the lowest: what a threshold leaves out.
    decided = [0, *itertools.accumulate(came != "open" for _, came in tops)]
    hits = [0, *itertools.accumulate(came == "hit" for _, came in tops)]
    highest = scores[-1] if scores else 0.0
    for index in range(1, math.floor(highest / step + 1e-9) + 1):
        threshold = round(index * step, 6)
        out = bisect.bisect_left(scores, threshold - 1e-9)
        yield Reach(threshold, len(scores) - out, decided[-1] - decided[out], hits[-1] - hits[out])


def for_precision(found: Sequence[Reach], wanted: float) -> Reach | None:
    """Return the lowest threshold with the wanted precision, None if none has it of enough accounts."""
    return next((one for one in found if one.decided >= FEWEST and one.precision >= wanted), None)


def most_precise(found: Sequence[Reach]) -> Reach | None:
    """Return the threshold with the greatest precision of enough accounts."""
    return max((one for one in found if one.decided >= FEWEST), key=lambda one: one.precision, default=None)


def for_leads(found: Sequence[Reach], a_week: float, span: int) -> Reach | None:
    """Return the lowest threshold that no more than so many accounts a week reach, in `span` ms."""
    weeks = max(span / (7 * DAY), 1 / 7)
    return next((one for one in found if one.accounts / weeks <= a_week), None)


def alike(bound: float, old: Sequence[float], new: Sequence[float], step: float) -> float:
    """Return the new threshold that as many reach as reached `bound` of old; by the highest of each."""
    reached = sum(one >= bound - 1e-9 for one in old)
    if not new or not reached:
        return bound
    ranked = sorted(new)
    most = max(step, rounded(ranked[-1], step))
    steps = [round(index * step, 6) for index in range(1, int(most / step) + 1)]
    counts = {one: len(ranked) - bisect.bisect_left(ranked, one - 1e-9) for one in steps}
    return min(steps, key=lambda one: (abs(counts[one] - reached), abs(one - bound)))
