"""Metrics: what has become of the leads that were really made, rule by rule, month by month.

Somebody answers a lead who claims it, puts it off or dismisses it. A lead keeps who did last, and when
somebody first did: leads answered before that was kept have the former only, and tell no time once converted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from pql.backtest.course import Course
from pql.backtest.figures.figures import Figures, figures
from pql.backtest.figures.population import About, populations
from pql.backtest.figures.say import no_rate
from pql.backtest.figures.velocity import ALL, Made, Month, Yield, beginning, by_rule, made, monthly, yielded
from pql.backtest.figures.weeks import monday, mondays, name, per_week
from pql.backtest.figures.wilson import Lift, Share, lift, share
from pql.core.keys import LeadKey, is_person
from pql.core.lead import LeadRecord
from pql.core.lead_state import STATES
from pql.core.window import DAY
from pql.flows.legible import legible
from pql.flows.ports import Leads


class Handling(msgspec.Struct, frozen=True):
    """What people have made of `live` leads; those in shadow are shown to nobody.

    `states` counts how they stand, `answered` those that somebody has or had, `reasons` why they were
    dismissed ("" for no reason). `days_to_answer` is the median over the `timed`, whose moment is known.
    """

    live: int
    states: dict[str, int]
    answered: Share
    reasons: dict[str, int]
    timed: int
    days_to_answer: float | None


class RuleMetrics(msgspec.Struct, frozen=True):
    """The leads of one rule, or of all together; `introduced` of them by the command that introduces rules.

    All together are those that somebody was told of, if any: leads in shadow are their rule's alone. `lift`
    is their conversion rate over the base rate, None if either is not known.
    """

    rule: str
    leads: Yield
    introduced: int
    handling: Handling
    lift: Lift | None


class Owner(msgspec.Struct, frozen=True):
    """The leads that somebody has or had, by the ISO week in which each was made (`2026-W47`)."""

    name: str
    leads: int
    per_week: float | None
    weeks: dict[str, int]


class Backdrop(NamedTuple):
    """What events tell of everybody: the base rates by kind, why one is not known, and when they `began`."""

    bases: Mapping[str, Share] = MappingProxyType({})
    unknown: Mapping[str, str] = MappingProxyType({})
    began: int | None = None


_NOTHING = Backdrop()


class Metrics(msgspec.Struct, frozen=True):
    """All of it: leads from the `first`, with conversions `within` ms of them as far as known by `until`.

    Leads made after `last` were not asked for, None for all. Times are epoch ms.
    `months` leave out the leads that were introduced: these came all at once. `bases` are the base rates,
    and `unknown` says why there is none. `owners` are of `live` leads alone.
    """

    first: int | None
    until: int
    within: int | None
    bases: dict[str, Share]
    rules: list[RuleMetrics]
    months: list[Month]
    owners: list[Owner]
    unknown: dict[str, str] = {}
    last: int | None = None


def read(
    leads: Leads, first: int, until: int, passed: Callable[[LeadKey], object] = lambda _: None
) -> Iterator[LeadRecord]:
    """Yield the leads made from `first` to before `until` (epoch ms), the newest first.

    One query of the index, and a read of each lead; no account is looked at, and nothing is scanned. `passed`
    is told of leads that nobody can read.
    """
    return (one for one in legible(leads, leads.newest(first), passed) if one.lead.created < until)


def metrics(
    records: Iterable[LeadRecord],
    now: int,
    *,
    first: int | None = None,
    before: int | None = None,
    within: int | None = None,
    backdrop: Backdrop = _NOTHING,
) -> Metrics:
    """Return what has become of leads as they stand at `now`, epoch ms.

    They were made from `first` (the oldest of them, if it is not said) to `before`. When the events of the
    `backdrop` began tells whether the month of the oldest lead is a whole one.
    """
    every = sorted(records, key=lambda one: (one.lead.created, one.lead.key))
    rates = dict(backdrop.bases)
    oldest = every[0].lead.created if every else None
    since = oldest if first is None else first
    opened = _opened(since, backdrop.began) if first is None else first
    last = None if before is None or before > now else before - 1
    grouped: dict[str, list[LeadRecord]] = defaultdict(list)
    for one in every:
        grouped[one.lead.rule].append(one)
    live = [one for one in every if one.lead.status == "live"]
    grouped = {**{rule: grouped[rule] for rule in sorted(grouped)}, **({ALL: live or every} if every else {})}
    coming = [_made(one) for one in every if not one.lead.introduced]
    return Metrics(
        first=oldest,
        until=now,
        within=within,
        bases=rates,
        rules=[_of_rule(rule, several, now, within, rates) for rule, several in grouped.items()],
        months=[] if opened is None else monthly(coming, opened, now, within, before),
        owners=[] if since is None else _owners(live, since, now if last is None else last),
        unknown=dict(backdrop.unknown),
        last=last,
    )


def _opened(oldest: int | None, began: int | None) -> int | None:
    """Return since when in the month of the oldest lead there can have been any, as far as that is known."""
    if oldest is None or began is None or began > oldest:
        return oldest
    return max(began, beginning(oldest))


def backdrop_of(found: Figures) -> Backdrop:
    """Return what figures tell of accounts and of people."""
    rates: dict[str, Share] = {about: one.rate for about, one in found.bases.items()}
    unknown = {
        about: no_rate(one, found.window, found.first, found.last)
        for about, one in found.bases.items()
        if one.rate.rate is None
    }
    return Backdrop(rates, unknown, found.first)


def rehearsed(
    course: Course,
    first: int | None,
    before: int,
    *,
    within: int | None = None,
    announced: Collection[str] | None = None,
) -> Metrics:
    """Return the same of the leads that rules would have made, of which nobody has made anything.

    Of those made from `first` to `before` (epoch ms), with what became of them as far as the events go. All
    rules together are the `announced`, as in the figures of a backtest.
    """
    end = course.last or 0
    since = max(first or 0, course.first or 0)
    everybody = populations(course)
    leads = [one for one in made(everybody.values(), announced) if since <= one.at < before]
    bases, unknown, _ = backdrop_of(figures(course, within, everybody=everybody))
    base = next(iter(bases.values())) if len(bases) == 1 else None
    nobody = Handling(0, dict.fromkeys(STATES, 0), share(0, 0), {}, 0, None)
    came = {rule: yielded(several, end, within) for rule, several in by_rule(leads).items()}
    return Metrics(
        first=min((one.at for one in leads), default=None),
        until=end,
        within=within,
        bases=dict(bases),
        rules=[
            RuleMetrics(rule, one, 0, nobody, None if base is None else lift(one.rate, base))
            for rule, one in came.items()
        ],
        months=monthly(leads, since, end, within, before),
        owners=[],
        unknown=dict(unknown),
        last=None if before > end else before - 1,
    )


def _made(record: LeadRecord) -> Made:
    lead = record.lead
    return Made(lead.rule, lead.created, record.standing.converted_at, lead.status == "live")


def _of_rule(
    rule: str, records: list[LeadRecord], now: int, within: int | None, bases: Mapping[str, Share]
) -> RuleMetrics:
    came = yielded(map(_made, records), now, within)
    kinds: set[About] = {"people" if is_person(one.lead.subject_key) else "accounts" for one in records}
    base = bases.get(next(iter(kinds))) if len(kinds) == 1 else None
    return RuleMetrics(
        rule,
        came,
        sum(one.lead.introduced for one in records),
        _handling(records, now),
        None if base is None else lift(came.rate, base),
    )


def _handling(records: list[LeadRecord], now: int) -> Handling:
    live = [one for one in records if one.lead.status == "live"]
    standing = [one.at(now) for one in live]
    counts = Counter(one.state for one in standing)
    reasons = Counter(one.reason or "" for one in standing if one.state == "dismissed")
    waits = [wait for one in live if (wait := _answered_after(one)) is not None]
    return Handling(
        live=len(live),
        states={state: counts[state] for state in STATES},
        answered=share(sum(_is_answered(one) for one in live), len(live)),
        reasons=dict(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        timed=len(waits),
        days_to_answer=round(median(waits) / DAY, 1) if waits else None,
    )


def _answered_after(record: LeadRecord) -> int | None:
    """Return how long (ms) after it was made somebody answered a lead; None if that is not known."""
    held = record.standing
    answered = held.answered
    if answered is None and held.owner is not None and held.state != "converted":
        answered = held.changed
    return None if answered is None else max(0, answered - record.lead.created)


def _is_answered(record: LeadRecord) -> bool:
    return record.standing.owner is not None or record.standing.answered is not None


def _owners(records: Iterable[LeadRecord], first: int, until: int) -> list[Owner]:
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for one in records:
        if one.standing.owner is not None:
            found[one.standing.owner][monday(one.lead.created)] += 1
    weeks = mondays(first, until)
    owners = [
        Owner(
            who, came.total(), per_week(came.total(), first, until), {name(one): came[one] for one in weeks}
        )
        for who, came in found.items()
    ]
    return sorted(owners, key=lambda one: (-one.leads, one.name))
