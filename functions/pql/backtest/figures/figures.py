"""The figures of a backtest: what rules would have found, how much of it was right, and what they missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import get_args

import msgspec

from pql.backtest.course import Course, Miss
from pql.backtest.figures.base import Base, base
from pql.backtest.figures.curve import Curve, curves
from pql.backtest.figures.group import Bench, First, Group, Which, firsts, group
from pql.backtest.figures.outcome import outcome
from pql.backtest.figures.overlap import Overlap, overlaps
from pql.backtest.figures.population import About, Population, about, populations
from pql.backtest.figures.unseen import Unseen, nearness, unseen
from pql.backtest.figures.velocity import Month, made, monthly
from pql.backtest.figures.weeks import mondays
from pql.backtest.figures.wilson import share
from pql.core.keys import account_key, person_key, user_key
from pql.core.lead import Tier

Populations = Mapping[About, Population]


class Figures(msgspec.Struct, frozen=True):
    """All of it: see `Group` and `Base`. Times are epoch ms, `window` is in ms, `weeks` begin on Mondays.

    `bases` has the accounts, the people or both. Of the `given` conversions the `unmatched` name nobody who
    had an event. The first of the `unread` lines are at `places`.
    """

    first: int | None
    last: int | None
    window: int | None
    counted: int
    repeats: int
    late: int
    unread: int
    unmatched: int
    bases: dict[str, Base]
    weeks: list[int]
    all: list[Group]
    rules: list[Group]
    tiers: list[Group]
    overlaps: list[Overlap]
    curves: list[Curve]
    unseen: list[Unseen]
    misses: list[Miss]
    months: list[Month] = []
    given: int = 0
    places: list[str] = []


def figures(
    course: Course,
    window: int | None = None,
    *,
    given: Collection[str] = (),
    announced: Collection[str] = (),
    everybody: Populations | None = None,
) -> Figures:
    """Return the figures of a course, with an observation `window` in ms or to the end of the data.

    `given` are the ids of conversions that were given, of which those that name nobody are counted. Only the
    `announced` rules are in the figures of all together, of tiers and in the funnel: nobody is told of
    drafts and shadows. If none of them is, all are. `everybody` are the populations of the course, if they
    are known.
    """
    told = frozenset(announced) & frozenset(course.rules) or frozenset(course.rules)
    everybody = populations(course) if everybody is None else everybody
    benches = benches_of(course, everybody, window)
    kinds = about(course)
    rules = [
        _of_one_rule(name, benches[kinds[name]], course.cooled.get(name, 0))
        for name in course.rules
        if kinds[name] in benches
    ]
    weeks = _weeks(course)
    return Figures(
        first=course.first,
        last=course.last,
        window=window,
        counted=course.counted,
        repeats=course.repeats,
        late=course.late,
        unread=course.unread,
        unmatched=unmatched(course, given),
        given=len(given),
        places=course.places,
        bases={kind: base(bench, _in(told)) for kind, bench in benches.items()},
        weeks=weeks,
        all=[
            group(
                _all(told, course.rules),
                bench,
                _in(told),
                bench.population.leading,
                sum(course.cooled.get(name, 0) for name in told if kinds[name] == kind),
            )
            for kind, bench in benches.items()
        ],
        rules=rules,
        tiers=[
            group(tier, bench, _of_tier(tier, told), bench.population.leading)
            for bench in benches.values()
            for tier in _tiers(bench.population, told)
        ],
        overlaps=[one for bench in benches.values() for one in _overlaps(bench.population, course.rules)],
        curves=[one for bench in benches.values() for one in curves(bench.population)],
        unseen=[one for bench in benches.values() for one in unseen(bench.population, course)],
        misses=sorted(course.misses, key=nearness),
        months=_months(course, everybody, window, told),
    )


def qualifications(
    course: Course, window: int | None = None, everybody: Populations | None = None
) -> list[First]:
    """Return the first lead of each account under each rule, and what came of it, in the order of time.

    `everybody` are the populations of the course, if they are known.
    """
    everybody = populations(course) if everybody is None else everybody
    kinds = about(course)
    found = [
        one
        for name in course.rules
        if kinds[name] in everybody
        for one in _firsts_of(name, everybody[kinds[name]], window)
    ]
    return sorted(found, key=lambda one: (one.lead.at, one.lead.rule, one.key))


def benches_of(course: Course, everybody: Populations, window: int | None) -> dict[About, Bench]:
    """Return what groups of each kind are measured against, those of whom most are leads first.

    It is them that the rules are about.
    """
    ordered = sorted(everybody.items(), key=lambda one: -len(one[1].leading))
    return {kind: _bench(course, one, window) for kind, one in ordered}


def _bench(course: Course, population: Population, window: int | None) -> Bench:
    observed = [one for one in population.of.values() if one.is_observable]
    came = Counter(outcome(one.first, one.converted, population.end, window) for one in observed)
    converted = sum(one.converted is not None for one in observed)
    base = share(came["hit"], came["hit"] + came["miss"])
    return Bench(population, window, base, converted, _weeks(course), (course.first, course.last))


def _weeks(course: Course) -> list[int]:
    return [] if course.first is None or course.last is None else mondays(course.first, course.last)


def _months(course: Course, everybody: Populations, window: int | None, told: Collection[str]) -> list[Month]:
    if course.first is None or course.last is None:
        return []
    return monthly(made(everybody.values(), told), course.first, course.last, window)


def _of_one_rule(name: str, bench: Bench, cooled: int) -> Group:
    return group(name, bench, of_rule(name), bench.population.by_rule.get(name, ()), cooled)


def _firsts_of(name: str, population: Population, window: int | None) -> Iterator[First]:
    return firsts(population.by_rule.get(name, ()), of_rule(name), population.end, window)


def of_rule(name: str) -> Which:
    """Return what is true of the leads of a rule."""
    return lambda lead: lead.rule == name


def _of_tier(name: str, told: Collection[str]) -> Which:
    return lambda lead: lead.tier == name and lead.rule in told


def _in(told: Collection[str]) -> Which:
    return lambda lead: lead.rule in told


def _all(told: Collection[str], rules: Collection[str]) -> str:
    return "any rule" if len(told) == len(rules) else "any announced rule"


def _tiers(population: Population, told: Collection[str]) -> list[str]:
    """Return the tiers that leads have, the hottest first."""
    found = {lead.tier for one in population.leading for lead in one.leads if lead.rule in told}
    return [tier for tier in get_args(Tier) if tier in found]


def _overlaps(population: Population, rules: list[str]) -> list[Overlap]:
    accounts: dict[str, set[str]] = {rule: set() for rule in rules}
    for one in population.leading:
        for lead in one.leads:
            accounts[lead.rule].add(one.key)
    return overlaps({rule: keys for rule, keys in accounts.items() if keys})


def unmatched(course: Course, given: Collection[str]) -> int:
    """Return how many of the ids `given` name nobody who had an event."""
    known = course.subjects.keys() | course.moved.keys()
    return sum(not {account_key(one), user_key(one), person_key(one)} & known for one in given)
