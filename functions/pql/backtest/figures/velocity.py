"""Leads by rule and month: how many were made, how many converted and how soon, and how that grows.

The lead velocity rate is the growth of new leads, month over month: (this month - the last) / the last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from statistics import median

import msgspec

from pql.backtest.figures.outcome import outcome
from pql.backtest.figures.population import Population
from pql.backtest.figures.wilson import Share, share
from pql.core.plain_words import in_utc
from pql.core.window import DAY

ALL = "all rules"


class Made(msgspec.Struct, frozen=True):
    """A lead of a rule, made at `at`, and when its account converted, if it did (epoch ms).

    Of one of a draft or in shadow nobody is `told`.
    """

    rule: str
    at: int
    converted: int | None = None
    told: bool = True


class Yield(msgspec.Struct, frozen=True):
    """What became of some leads: `made` so many, of whom the `rate` of those decided converted.

    A lead is decided once its window is over, without a window at once, and until then `open`; one that
    was made when its account had converted already is neither. `median_days` is how long after their lead
    half of the conversions had come, None without any.
    """

    made: int
    rate: Share
    median_days: float | None
    open: int = 0


class Month(msgspec.Struct, frozen=True):
    """The leads that a rule made in a month (`2026-11`, UTC).

    `velocity` is the growth over the month before, None unless both are `complete` and that one had leads.
    """

    rule: str
    month: str
    leads: Yield
    velocity: float | None
    complete: bool


def made(populations: Iterable[Population], announced: Collection[str] | None = None) -> Iterator[Made]:
    """Yield the leads that all other figures count.

    Of those of the `announced` rules somebody is told, by default of all.
    """
    for population in populations:
        for one in population.leading:
            for lead in one.leads:
                yield Made(lead.rule, lead.at, one.converted, announced is None or lead.rule in announced)


def yielded(leads: Iterable[Made], until: int, within: int | None = None) -> Yield:
    """Return what became of leads by `until`, the end of what is known, in a window of `within` (ms)."""
    found = [(outcome(one.at, one.converted, until, within), one) for one in leads]
    waits = [one.converted - one.at for what, one in found if what == "hit" and one.converted is not None]
    decided = sum(what in ("hit", "miss") for what, _ in found)
    days = round(median(waits) / DAY, 4) if waits else None  # below two days hours are told
    return Yield(len(found), share(len(waits), decided), days, sum(what == "open" for what, _ in found))


def by_rule(leads: Iterable[Made]) -> dict[str, list[Made]]:
    """Return the leads of each rule by name, and last, under `ALL`, those of all rules together.

    Those are the leads that somebody is told of, as in all other figures of all rules; if none is, all.
    """
    found: dict[str, list[Made]] = defaultdict(list)
    for one in leads:
        found[one.rule].append(one)
    ordered = {rule: found[rule] for rule in sorted(found)}
    every = [one for several in ordered.values() for one in several]
    return {**ordered, ALL: [one for one in every if one.told] or every} if ordered else {}


def monthly(
    leads: Iterable[Made], first: int, until: int, within: int | None = None, before: int | None = None
) -> list[Month]:
    """Return every month of every rule that made leads between `first` and `until` (epoch ms).

    By rule as `by_rule` has them, then by month, those without a lead too. Where only leads `before` some
    moment are asked for, months end there, and what became of them is still what is known by `until`. A
    month that `first`, `before` or `until` cuts into is not complete.
    """
    spans = [*_months(first, until, until + 1 if before is None else before)]
    return [
        one
        for rule, several in by_rule(leads).items()
        for one in _grown(rule, _by_month(several), spans, until, within)
    ]


def month_of(at: int) -> str:
    """Return the month that a moment is in, as `2026-11`."""
    return f"{in_utc(at):%Y-%m}"


def _by_month(leads: Iterable[Made]) -> dict[str, list[Made]]:
    found: dict[str, list[Made]] = defaultdict(list)
    names: dict[int, str] = {}  # of the days: a date is dear, and leads are many a day
    for one in leads:
        day = one.at // DAY
        if day not in names:
            names[day] = month_of(one.at)
        found[names[day]].append(one)
    return found


def _grown(
    rule: str,
    leads: Mapping[str, list[Made]],
    months: Iterable[tuple[str, bool]],
    until: int,
    within: int | None,
) -> Iterator[Month]:
    before: int | None = None  # leads of the month before, where all of it is there
    for name, complete in months:
        came = yielded(leads.get(name, ()), until, within)
        velocity = (came.made - before) / before if before and complete else None
        yield Month(rule, name, came, velocity, complete)
        before = came.made if complete else None


def beginning(at: int) -> int:
    """Return when (epoch ms) the month that a moment is in begins, UTC."""
    return _epoch(in_utc(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0))


def _months(first: int, until: int, before: int) -> Iterator[tuple[str, bool]]:
    """Yield the months that begin by `until` and `before` that, and whether all of each lies between."""
    begin = beginning(first)
    while begin < min(until + 1, before):
        then = in_utc(begin)
        year, month = divmod(then.year * 12 + then.month, 12)
        following = _epoch(datetime(year, month + 1, 1, tzinfo=UTC))
        yield month_of(begin), first <= begin and following <= min(until, before)
        begin = following


def _epoch(then: datetime) -> int:
    return int(then.timestamp()) * 1_000
