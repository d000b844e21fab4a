"""Who a backtest is about: the subjects of a course, each with the leads of whoever was folded into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from pql.backtest.course import Course, Peak, Qualified, Subject
from pql.core.keys import is_person

About = Literal["accounts", "people"]
# Devices of whom nobody knows whose they are: no conversion can name one.
_UNKNOWN = ("n:", "v:")


class One(msgspec.Struct):
    """An account, a user without one, or a person; `leads` and `barred` are in the order of time.

    Times are epoch ms. `barred` are the leads that a bar held back. `is_beyond` says that it converts, but
    after the end of the data: `converted` is None then.
    """

    key: str
    first: int
    last: int
    events: int
    converted: int | None
    peaks: dict[str, Peak]
    leads: list[Qualified] = []
    barred: list[Qualified] = []
    is_beyond: bool = False

    @property
    def is_observable(self) -> bool:
        """Return whether its first event came before it converted, so that a rule could have been in time."""
        return self.converted is None or self.first < self.converted


class Population(msgspec.Struct):
    """All `of` a kind, the `leading` that have leads, by rule too, and how many devices are left out.

    `end` is the last moment (epoch ms) of which anything is known, that of the last receipt: `beyond` it so
    many of them convert, which is not counted.
    """

    about: About
    of: dict[str, One]
    leading: list[One]
    by_rule: dict[str, list[One]]
    visitors: int
    end: int
    beyond: int


def populations(course: Course) -> dict[About, Population]:
    """Return the accounts (users without one among them) and the people of a course, where it has any.

    Devices of unknown owners are left out, unless there is nobody else.
    """
    everyone, end = folded(course), end_of(course)
    found: dict[About, Population] = {}
    kinds: tuple[About, ...] = ("accounts", "people")
    for about in kinds:
        all_of = {key: one for key, one in everyone.items() if is_person(key) is (about == "people")}
        known = {key: one for key, one in all_of.items() if not key.startswith(_UNKNOWN)}
        chosen = known or all_of
        if chosen:
            leading = [one for one in chosen.values() if one.leads or one.barred]
            outside = len(all_of) - len(chosen)
            beyond = sum(one.is_beyond for one in chosen.values())
            found[about] = Population(about, chosen, leading, _by_rule(leading), outside, end, beyond)
    return found


def end_of(course: Course) -> int:
    """Return the last moment (epoch ms) of which anything is known; later conversions are none.

    A date far ahead in a list of conversions would else make every window look as if it were over.
    """
    if course.last is not None:
        return course.last
    return max((one.last for one in course.subjects.values()), default=0)


def root(course: Course, subject: str) -> str:
    """Return whom `subject` belongs to in the end: itself, or the last it was folded into."""
    seen = set()
    while subject in course.moved and subject not in seen:
        seen.add(subject)
        subject = course.moved[subject]
    return subject


def about(course: Course) -> dict[str, About]:
    """Return of each rule whom it is about, as its leads tell; of one without leads what there is."""
    people = {one.rule for one in course.qualified if is_person(one.subject)}
    accounts_at_all = any(not is_person(key) for key in course.subjects)
    return {rule: "people" if rule in people or not accounts_at_all else "accounts" for rule in course.rules}


def _by_rule(leading: list[One]) -> dict[str, list[One]]:
    found: dict[str, list[One]] = {}
    for one in leading:
        for rule in dict.fromkeys(lead.rule for lead in (*one.leads, *one.barred)):
            found.setdefault(rule, []).append(one)
    return found


def folded(course: Course) -> dict[str, One]:
    """Return everybody by key, devices too, each with whoever was folded into it."""
    everyone: dict[str, One] = {}
    parts = [(root(course, subject.key), subject) for subject in course.subjects.values()]
    for key, subject in parts:
        everyone[key] = _joined(everyone.get(key), key, subject)
    for key, subject in parts:
        _reached(everyone[key], subject.peaks)
    for qualified, one in _matched(course, everyone):
        (one.barred if qualified.suppressed else one.leads).append(qualified)
    end = end_of(course)
    for one in everyone.values():
        one.is_beyond = one.converted is not None and one.converted > end
        if one.is_beyond:
            one.converted = None
        one.leads.sort(key=_moment)
        one.barred.sort(key=_moment)
    return everyone


def _joined(one: One | None, key: str, more: Subject) -> One:
    if one is None:
        return One(key, more.first, more.last, more.events, more.converted, {})
    one.first, one.last = min(one.first, more.first), max(one.last, more.last)
    one.events += more.events
    one.converted = min((at for at in (one.converted, more.converted) if at is not None), default=None)
    return one


def _reached(one: One, peaks: Mapping[str, Peak]) -> None:
    """Take the highest, of those from before any part of it had converted."""
    for name, peak in peaks.items():
        known = one.peaks.get(name)
        is_ahead = one.converted is None or peak.at < one.converted
        if is_ahead and (known is None or (peak.score, -peak.at) > (known.score, -known.at)):
            one.peaks[name] = peak


def _matched(course: Course, everyone: dict[str, One]) -> Iterator[tuple[Qualified, One]]:
    for qualified in course.qualified:
        one = everyone.get(root(course, qualified.subject))
        if one is not None:
            yield qualified, one


def _moment(qualified: Qualified) -> tuple[int, str, int]:
    return qualified.at, qualified.rule, qualified.cycle
