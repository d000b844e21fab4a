"""Courses of different subjects over the same events, as the one course that they are together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pql.backtest.course import Course
from pql.backtest.rerun.nearest import merged as nearest
from pql.backtest.rerun.notes import order

PLACES = 5  # as many as a reader of lines keeps


def merged(courses: Sequence[Course]) -> Course:
    """Return the course of all subjects; each of `courses` has seen all events and counted its own."""
    subjects = {key: one for course in courses for key, one in course.subjects.items()}
    moved = {left: into for course in courses for left, into in course.moved.items()}
    cooled: Counter[str] = Counter()
    for course in courses:
        cooled.update(course.cooled)
    misses = nearest([miss for course in courses for miss in course.misses])
    rules = courses[0].rules
    return Course(
        rules,
        first=min((one.first for one in courses if one.first is not None), default=None),
        last=max((one.last for one in courses if one.last is not None), default=None),
        counted=sum(one.counted for one in courses),
        repeats=sum(one.repeats for one in courses),
        late=sum(one.late for one in courses),
        unread=max(one.unread for one in courses),
        subjects=dict(sorted(subjects.items())),
        moved=dict(sorted(moved.items())),
        qualified=sorted((one for course in courses for one in course.qualified), key=order),
        misses=sorted(misses, key=lambda one: (rules.index(one.rule), one.converted)),
        cooled={rule: cooled[rule] for rule in rules if rule in cooled},
        places=[*dict.fromkeys(place for course in courses for place in course.places)][:PLACES],
        heard=sorted({name for course in courses for name in course.heard}),
        stamps=courses[0].stamps,
    )
