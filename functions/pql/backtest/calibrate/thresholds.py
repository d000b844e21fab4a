"""Where a score is held against a bound, and which bound does what is wanted of it."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pql.backtest.figures.outcome import outcome
from pql.backtest.figures.population import One
from pql.rules.comparison import LOWER, ORDERED
from pql.rules.source import Path, Source

FEWEST = 20  # accounts whose outcome is known, below which a precision says little
_TIERS = ("hot", "warm")
_STRICT = ("more_than", "at_most")
_DUST = 1e-9  # of arithmetic, between numbers that are the same


class Bound(NamedTuple):
    """A place that holds the score against `number`; `rule` is the one it stands in, if it is one's `when`.

    `is_floor` says that the score is to be at least that, or more; otherwise it is to be below. `is_strict`
    says that the number itself is below: `more_than`, `at_most`.
    """

    path: Path
    number: float
    rule: str | None
    is_floor: bool
    is_strict: bool


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
                    is_floor, is_strict = key in (*LOWER, *_TIERS), key in _STRICT
                    yield Bound((*path, key), float(data[key]), rule, is_floor, is_strict)
        for key, value in data.items():
            yield from _bounds(value, (*path, key), score)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _bounds(value, (*path, index), score)


def taken(scores: Iterable[float], step: float, *, strict: bool = False) -> list[float]:
    """Return the thresholds, whole steps, that one of the scores just reaches; others would mean a higher.

    Those of `strict` ones are exceeded, by less than a step.
    """
    if strict:
        steps = {math.ceil(one / step - _DUST) - 1 for one in scores}
    else:
        steps = {math.floor(one / step + _DUST) for one in scores}
    return [round(one * step, 6) for one in sorted(steps) if one >= (not strict)]


def reaching(rising: Sequence[float], bound: float, *, strict: bool) -> int:
    """Return how many scores reach a bound, or exceed a `strict` one."""
    if strict:
        return len(rising) - bisect.bisect_right(rising, bound + _DUST)
    return len(rising) - bisect.bisect_left(rising, bound - _DUST)


def reaches(
    people: Sequence[One], score: str, step: float, end: int, within: int | None, *, strict: bool = False
) -> Iterator[Reach]:
    """Yield who reached each threshold, in whole steps, by how high the score stood before they converted."""
    tops = sorted(
        (one.peaks[score].score, outcome(one.peaks[score].at, one.converted, end, within))
        for one in people
        if score in one.peaks and one.is_observable
    )
    scores = [top for top, _ in tops]
    # Of the first so many, the lowest: what a threshold leaves out.
    decided = [0, *itertools.accumulate(came != "open" for _, came in tops)]
    hits = [0, *itertools.accumulate(came == "hit" for _, came in tops)]
    for threshold in taken(scores, step, strict=strict):
        accounts = reaching(scores, threshold, strict=strict)
        out = len(scores) - accounts
        yield Reach(threshold, accounts, decided[-1] - decided[out], hits[-1] - hits[out])


def for_precision(found: Sequence[Reach], wanted: float) -> Reach | None:
    """Return the lowest threshold with the wanted precision, None if none has it of enough accounts."""
    return next((one for one in found if one.decided >= FEWEST and one.precision >= wanted), None)


def most_precise(found: Sequence[Reach]) -> Reach | None:
    """Return the threshold with the greatest precision of enough accounts."""
    return max((one for one in found if one.decided >= FEWEST), key=lambda one: one.precision, default=None)


def for_leads(rising: Sequence[float], a_week: float, measured: Callable[[float], float]) -> float | None:
    """Return the lowest threshold of which no more leads a week are `measured`, None if there is none.

    To measure is dear, a rerun: of sixty thresholds six are.
    """
    place = bisect.bisect_left(rising, 1, key=lambda one: int(measured(one) <= a_week))
    return rising[place] if place < len(rising) else None


def alike(
    bound: float, old: Sequence[float], new: Sequence[float], step: float, *, strict: bool = False
) -> float:
    """Return the new threshold that as many reach as reached `bound` of old; by the highest of each.

    The bound itself stays where no other comes nearer, and a score still comes up to it.
    """
    reached = reaching(sorted(old), bound, strict=strict)
    if not new or not reached:
        return bound
    ranked = sorted(new)
    kept = [bound] if reaching(ranked, bound, strict=strict) else []
    steps = [*kept, *taken(ranked, step, strict=strict)] or [step]
    counts = {one: reaching(ranked, one, strict=strict) for one in steps}
    return min(steps, key=lambda one: (abs(counts[one] - reached), abs(one - bound)))
