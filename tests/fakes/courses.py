"""Courses made by hand: who came, who was a lead and who converted, in days since a Monday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pql.backtest.course import Course, Peak, Qualified, Subject
from pql.core.window import DAY

MONDAY = 4 * DAY  # 1970-01-05


def day(number: float) -> int:
    """Return a day of the story in epoch ms."""
    return MONDAY + round(number * DAY)


def course(
    people: Mapping[str, tuple[float, float | None]],
    leads: Mapping[str, Sequence[tuple[str, float]]],
    *,
    last: float = 100,
    peaks: Mapping[str, tuple[float, float]] | None = None,
    moved: Mapping[str, str] | None = None,
) -> Course:
    """Return a course from day 0 to `last`.

    `people` are subject keys with the days of their first event and conversion, `leads` by rule the
    subjects and days, `peaks` the subjects' highest `activation` and its day.
    """
    subjects = {
        key: Subject(key, day(first), day(max(first, last)), 3, None if when is None else day(when))
        for key, (first, when) in people.items()
    }
    for key, (score, at) in (peaks or {}).items():
        subjects[key].peaks = {"activation": Peak(score, day(at))}
    qualified = []
    for rule, made in leads.items():
        cycles: dict[str, int] = {}
        for subject, at in made:
            cycles[subject] = cycles.get(subject, 0) + 1
            qualified.append(Qualified(rule, subject, cycles[subject], day(at), tier="hot"))
    return Course(
        rules=[*leads],
        first=day(0),
        last=day(last),
        counted=3 * len(people),
        subjects=subjects,
        moved=dict(moved or {}),
        qualified=qualified,
    )
