"""A calibration as a change of the rule file: points, thresholds, and what they do to newer accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from pql.backtest.calibrate.aim import Aim, aimed, target
from pql.backtest.calibrate.calibration import Calibration
from pql.backtest.calibrate.changed import Change, changed
from pql.backtest.calibrate.edits import Edit, difference, edited
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.points import point_edits
from pql.backtest.calibrate.same_leads import same_leads
from pql.backtest.calibrate.scale import Scale
from pql.backtest.calibrate.thresholds import Bound, bounds
from pql.backtest.calibrate.trials import Again, Trials, held_to, leads_a_week
from pql.backtest.course import Course
from pql.backtest.figures.figures import figures
from pql.backtest.figures.group import Group
from pql.backtest.figures.population import About, folded, populations, root
from pql.backtest.figures.wilson import Share
from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.rules.load import parse
from pql.rules.pack import Pack, RuleFile
from pql.rules.score import spans
from pql.rules.source import Source


class Effect(msgspec.Struct, frozen=True):
    """What the accounts of held-out time make of a rule, before the change and after it.

    The leads a week are those of everybody, as a backtest of the file counts them. How many leads a cooldown
    held back is known of everybody alone, and so not told.
    """

    rule: str
    base: Share
    before: Group
    after: Group
    weekly_before: float | None = None
    weekly_after: float | None = None


class Proposal(msgspec.Struct, frozen=True):
    """The file `name` before and after, as texts, as a `diff` and number by number, and the measured effect.

    `accounts` came in the time that nothing was learned from. `failing` are the tests of the file that
    the change breaks, in words; `missed` says which aim could not be reached. `moves` says that points are
    changed, `idle` that points or a threshold are not, for that would leave every lead as it is.
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
    moves: bool = False
    idle: bool = False


class Tried(NamedTuple):
    """A change of points, the number for each bound with it, the file `after` that, and what it makes."""

    points: list[Edit]
    numbers: dict[Bound, float]
    missed: str | None
    after: str
    now: Course
    kind: About


def propose(
    texts: Mapping[str, str],
    items: Items,
    found: Calibration,
    was: Course,
    again: Again,
    aim: Aim,
) -> Proposal:
    """Return the change of the file that has the score; `again` reruns the events under other rules.

    Points and thresholds are chosen by what became of accounts that came of age before `found.since`, the
    effect is measured on those that came after. Leads a week are of everybody: to count them tells nothing
    of who converts. What leaves every lead as it is is not proposed: where rules hold the score against
    bounds, leads are all that anybody gets to see of it.
    """
    name, score = items.file, str(items.path[1])
    before = texts[name]
    source = Source(name, before)
    places = bounds(source, score)
    better = _points(items, source, found)

    def tried(points: list[Edit]) -> Tried:
        weighed = edited(name, before, points)
        middle = was if weighed == before else again(_unchecked(texts, name, weighed))
        scale = Scale(items, was, middle, _most(name, weighed, score))
        trials = Trials(texts, name, middle, again, points)
        chosen, missed = aimed(scale, trials, places, aim, found)
        return Tried(points, chosen, missed, trials.text(chosen), trials.course(chosen), scale.kind)

    one, idle = tried(better), False
    if better and _is_idle(one, before, was):
        one, idle = tried([]), True
    if _is_idle(one, before, was):
        one, idle = one._replace(numbers={}, after=before, now=was), True
    rules = list(dict.fromkeys(one.rule for one in places if one.rule is not None))
    held = [held_out(course, (found.since or 0) - found.age) for course in (was, one.now)]
    weekly = {rule: (leads_a_week(was, rule), leads_a_week(one.now, rule)) for rule in rules}
    return Proposal(
        name=name,
        before=before,
        after=one.after,
        diff=difference(name, before, one.after),
        accounts=len(new.of) if (new := populations(held[0]).get(one.kind)) else 0,
        effects=_effects(weekly, held, found.within),
        failing=_failing({**texts, name: one.after}, name),
        missed=one.missed,
        changes=[*changed(items, source, [*one.points, *held_to(one.numbers)])],
        moves=bool(one.points),
        idle=idle,
    )


def need_target(text: str, items: Items, aim: Aim) -> None:
    """Raise `PqlError` where the file of the score, a `text`, has no threshold to do what is wanted."""
    if aim.is_any:
        target(bounds(Source(items.file, text), str(items.path[1])), aim)


def _points(items: Items, source: Source, found: Calibration) -> list[Edit]:
    """Return the edits that give the items better points; none where they round to what is written."""
    if found.verdict != "better":
        return []
    edits = [*point_edits(items, source, [one.fitted for one in found.weights])]
    return edits if any(changed(items, source, edits)) else []


def _is_idle(one: Tried, before: str, was: Course) -> bool:
    """Return whether there is a change and yet no other lead, where any rule holds the score to a bound."""
    return bool(one.numbers) and one.after != before and same_leads(was, one.now)


def _most(name: str, text: str, score: str) -> float:
    """Return how high the score of a file can stand, whatever its signals are."""
    scores = RuleFile.model_validate(Source(name, text).data).scores
    return spans(scores, lambda _signal: None)(score)[1]


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


def _effects(
    weekly: Mapping[str, tuple[float | None, float | None]], held: Sequence[Course], within: int
) -> list[Effect]:
    was, now = (figures(course, within) for course in held)
    before, after = (
        {one.name: msgspec.structs.replace(one, cooled=None) for one in found.rules} for found in (was, now)
    )
    return [
        Effect(rule, was.bases[before[rule].about].rate, before[rule], after[rule], *rates)
        for rule, rates in weekly.items()
        if rule in before and rule in after
    ]


def _failing(texts: Mapping[str, str], name: str) -> list[str]:
    pack = parse(texts).rehearsed()
    return [
        f"{one.file}: {one.name}: {one.words}"
        for one in rehearse(Plan(pack), pack)
        if one.file == name and not one.passed
    ]
