"""Whether a change of points can be seen at all: in who becomes a lead, and in how leads are ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pql.backtest.course import Course, Qualified

Standing = tuple[int, str, int | None]


def same_leads(was: Course, now: Course) -> bool:
    """Return whether the leads of two courses are the same: who, when, how hot, and in which order of score.

    The numbers of a score are of no weight in that: those who are called first stay the first.
    """
    return standings(was) == standings(now)


def standings(course: Course) -> Mapping[tuple[str, str, int], Standing]:
    """Return of each lead, by rule, subject and cycle, its moment, tier and place among its rule's scores.

    Equal scores have the same place; what a bar held back is no lead.
    """
    leads = [one for one in course.qualified if not one.suppressed]
    places = {rule: _places(rule, leads) for rule in {one.rule for one in leads}}
    return {
        (one.rule, one.subject, one.cycle): (
            one.at,
            one.tier,
            None if one.score is None else places[one.rule][one.score],
        )
        for one in leads
    }


def _places(rule: str, leads: Sequence[Qualified]) -> Mapping[float, int]:
    scores = {one.score for one in leads if one.rule == rule and one.score is not None}
    return {score: place for place, score in enumerate(sorted(scores))}
