"""Who can be learned from: subjects as they stood at one age, and whether they converted soon after."""

from __future__ import annotations

from typing import NamedTuple

from pql.backtest.calibrate.items import Items
from pql.backtest.course import Course
from pql.backtest.figures.population import end_of, populations


class Aged(NamedTuple):
    """One subject at `at` (epoch ms), when it was as old as was asked for, and its columns then."""

    key: str
    at: int
    columns: list[float]
    converts: bool


class Cohort(NamedTuple):
    """The subjects to learn from, in the order in which they came to an `age` in ms; how many were left out.

    `young` never came of age, `early` converted before they did, and of `censored` the data, which last
    `lasts` ms, end before it is known whether they convert within `within` ms.
    """

    aged: list[Aged]
    age: int
    within: int
    young: int = 0
    early: int = 0
    censored: int = 0
    lasts: int = 0

    @property
    def conversions(self) -> int:
        """Return how many of the subjects convert."""
        return sum(one.converts for one in self.aged)


def cohort(course: Course, items: Items, age: int, within: int) -> Cohort:
    """Return the cohort of a rerun that took snapshots at `age` (ms)."""
    aged: list[Aged] = []
    young = early = censored = 0
    known = populations(course).get("people" if items.subject == "user" else "accounts")
    end = end_of(course)
    for key, one in known.of.items() if known is not None else ():
        subject = course.subjects.get(key)
        if subject is None:
            continue
        # As old as whoever of them came first: the rerun took its snapshot by that.
        at = one.first + age
        if one.converted is not None and one.converted <= at:
            early += 1
        elif subject.snapshot is None:
            young += 1
        elif at + within > end:
            censored += 1
        else:
            converts = one.converted is not None and one.converted <= at + within
            columns = items.columns((subject.snapshot, subject.traits), at)
            aged.append(Aged(one.key, at, columns, converts))
    aged.sort(key=lambda one: (one.at, one.key))
    lasts = end - min((one.first for one in known.of.values()), default=end) if known is not None else 0
    return Cohort(aged, age, within, young, early, censored, lasts)
