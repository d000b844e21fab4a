"""A calibration as a change of the rule file: points, thresholds, and what they do to newer accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from pql.backtest.calibrate.calibration import Calibration
from pql.backtest.calibrate.changed import Change, changed
from pql.backtest.calibrate.edits import Edit, difference, edited
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.points import grain, point_edits, rounded
from pql.backtest.calibrate.thresholds import (
    Bound,
    Reach,
    alike,
    bounds,
    for_leads,
    for_precision,
    most_precise,
    reaches,
)
from pql.backtest.course import Course
from pql.backtest.figures.figures import figures
from pql.backtest.figures.group import Group
from pql.backtest.figures.population import About, One, folded, populations, root
from pql.backtest.figures.wilson import Share
from pql.core.errors import PqlError
from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.rules.load import parse
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

Again = Callable[[Pack], Course]


class Aim(msgspec.Struct, frozen=True):
    """What is wanted of a `rule`: a precision, or so many leads a week; of neither as many leads as now."""

    precision: float | None = None
    per_week: float | None = None
    rule: str | None = None

    @property
    def is_any(self) -> bool:
        """Return whether anything is wanted."""
        return self.precision is not None or self.per_week is not None


class Effect(msgspec.Struct, frozen=True):
    """What the accounts of held-out time make of a rule, before the change and after it."""

    rule: str
    base: Share
    before: Group
    after: Group


class Proposal(msgspec.Struct, frozen=True):
    """The file `name` before and after, as texts, as a `diff` and number by number, and the measured effect.

    `accounts` came in the time that nothing was learned from. `failing` are the tests of the file that
    the change breaks, in words; `missed` says which aim could not be reached.
    """

    name: str
    before: str
    after: str
    diff: str
    accounts: int
    effects: list[Effect]
    failing: list[str]
    missed: str | None = None
    changes: list[Change] = []


def propose(
    texts: Mapping[str, str],
    items: Items,
    found: Calibration,
    was: Course,
    again: Again,
    aim: Aim,
) -> Proposal:
    """Return the change of the file that has the score; `again` reruns the events under other rules.

    Points and thresholds are chosen by accounts that came of age before `found.since`, the effect is
    measured on those that came after.
    """
    name, score = items.file, str(items.path[1])
    before = texts[name]
    source = Source(name, before)
    changes: list[Edit] = []
    if found.verdict == "better":
        changes = [*point_edits(items, source, [one.fitted for one in found.weights])]
    weighed = edited(name, before, changes)
    middle = was if weighed == before else again(_unchecked(texts, name, weighed))
    scale = _Scale(items, was, middle, (found.since or 0) - found.age, found.within)
    places = bounds(source, score)
    chosen, missed = scale.chosen(places, aim)
    held_to = [Edit(one.path, number) for one, number in chosen.items()]
    after = edited(name, weighed, held_to)
    now = middle if after == weighed else again(parse({**texts, name: after}))
    rules = list(dict.fromkeys(one.rule for one in places if one.rule is not None))
    held = [held_out(course, (found.since or 0) - found.age) for course in (was, now)]
    return Proposal(
        name=name,
        before=before,
        after=after,
        diff=difference(name, before, after),
        accounts=len(one.of) if (one := populations(held[0]).get(scale.kind)) else 0,
        effects=_effects(rules, held, found.within),
        failing=_failing({**texts, name: after}, name),
        missed=missed,
        changes=[*changed(items, source, [*changes, *held_to])],
    )


class _Scale:
    """The highest each account's score stood, by the points before and by those after."""

    def __init__(self, items: Items, was: Course, now: Course, since: int, within: int) -> None:
        self._score = str(items.path[1])
        self._step = grain(items)
        self.kind: About = "people" if items.subject == "user" else "accounts"
        self._was, self._now = (populations(one).get(self.kind) for one in (was, now))
        self._span = (now.last or 0) - (now.first or 0)
        self._since, self._within = since, within
        self._old, self._new = self._tops(self._was), self._tops(self._now)

    def chosen(self, places: Sequence[Bound], aim: Aim) -> tuple[dict[Bound, float], str | None]:
        """Return the number for each bound, and what could not be reached."""
        wanted, missed = self._aimed(aim)
        target = _target(places, aim) if aim.is_any else None
        found: dict[Bound, float] = {}
        for one in places:
            aimed = wanted is not None and one.rule is not None and one.rule == target
            found[one] = wanted if aimed and wanted is not None else self._alike(one.number)
        for one in places:  # an exit stays as far below its entrance as it was
            entrance = next((at for at in places if at.is_floor and at.path[:2] == one.path[:2]), None)
            if not one.is_floor and entrance is not None and entrance.number:
                share = found[entrance] / entrance.number
                found[one] = max(rounded(one.number * share, self._step), self._step)
        return found, missed

    def _alike(self, number: float) -> float:
        return number if self._old == self._new else alike(number, self._old, self._new, self._step)

    def _aimed(self, aim: Aim) -> tuple[float | None, str | None]:
        if not aim.is_any or self._now is None:
            return None, None
        everyone = [*self._now.of.values()]
        if aim.per_week is not None:
            found = for_leads(self._reaches(everyone), aim.per_week, self._span)
            return (found.threshold, None) if found else (None, f"more than {aim.per_week:g} leads a week")
        older = self._reaches([one for one in everyone if one.first < self._since])
        found = for_precision(older, aim.precision or 0.0)
        if found is not None:
            return found.threshold, None
        best = most_precise(older)
        told = f"; {best.precision * 100:.1f} % at {best.threshold:g} is the most" if best else ""
        return (
            None,
            f"no threshold has a precision of {(aim.precision or 0) * 100:g} % among older accounts{told}",
        )

    def _reaches(self, everyone: Sequence[One]) -> list[Reach]:
        end = self._now.end if self._now is not None else 0
        return [*reaches(everyone, self._score, self._step, end, self._within)]

    def _tops(self, population: object) -> list[float]:
        everyone = getattr(population, "of", {}).values()
        return [one.peaks[self._score].score for one in everyone if self._score in one.peaks]


def _unchecked(texts: Mapping[str, str], name: str, text: str) -> Pack:
    """Return the pack with another text of one file, whose bounds may for now lie out of reach."""
    files = dict(parse(texts).files)
    files[name] = RuleFile.model_validate(Source(name, text).data)
    return Pack(files)


def held_out(course: Course, since: int) -> Course:
    """Return the course of those alone whose first event came at `since` (epoch ms) or later."""
    everyone = folded(course)
    new = {key for key in course.subjects if everyone[root(course, key)].first >= since}
    return msgspec.structs.replace(
        course,
        first=since,
        subjects={key: one for key, one in course.subjects.items() if key in new},
        qualified=[one for one in course.qualified if one.subject in new],
        misses=[],
    )


def _effects(rules: Sequence[str], held: Sequence[Course], within: int) -> list[Effect]:
    was, now = (figures(course, within) for course in held)
    before, after = ({one.name: one for one in found.rules} for found in (was, now))
    return [
        Effect(rule, was.bases[before[rule].about].rate, before[rule], after[rule])
        for rule in rules
        if rule in before and rule in after
    ]


def _target(places: Sequence[Bound], aim: Aim) -> str:
    rules = list(dict.fromkeys(one.rule for one in places if one.rule is not None and one.is_floor))
    if aim.rule is not None and aim.rule not in rules:
        raise PqlError(f"rule `{aim.rule}` holds the score against no bound of its own")
    if not rules:
        raise PqlError("no rule holds the score against a bound: there is no threshold to choose")
    if aim.rule is None and len(rules) > 1:
        raise PqlError(f"several rules hold the score against a bound: choose with --rule {rules[0]}")
    return aim.rule or rules[0]


def _failing(texts: Mapping[str, str], name: str) -> list[str]:
    pack = parse(texts).rehearsed()
    return [
        f"{one.file}: {one.name}: {one.words}"
        for one in rehearse(Plan(pack), pack)
        if one.file == name and not one.passed
    ]
