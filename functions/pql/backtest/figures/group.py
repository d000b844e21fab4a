"""What the leads of a rule, of a tier or of all rules together were worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from pql.backtest.course import Qualified
from pql.backtest.figures.lead_time import LeadTime, lead_time
from pql.backtest.figures.outcome import Outcome, outcome
from pql.backtest.figures.population import About, One, Population
from pql.backtest.figures.weeks import per_week, weekly
from pql.backtest.figures.wilson import Lift, Share, lift, share
from pql.core.window import DAY

Which = Callable[[Qualified], bool]


class Group(msgspec.Struct, frozen=True):
    """The leads of one `name`, and what became of the accounts they are of.

    `leads` are all, `accounts` how many accounts they are of, `again` those after an account's first;
    `suppressed` were held back by a bar, `cooled` by a cooldown (None where nobody knows). An account is
    judged by its first lead: `hits` converted after it (within the window), `late` had converted by then and
    count against the precision, `open` have a window that is not over, converted or not, and `unobservable`
    had converted before their first event; neither of these two is in the precision. `caught` had a lead
    before they converted (within the window), which is what recall counts. `first` and `last` lead in epoch
    ms; `weeks` count leads in the order of the figures'.
    """

    name: str
    about: About
    leads: int
    accounts: int
    again: int
    suppressed: int
    cooled: int | None
    first: int | None
    last: int | None
    hits: int
    late: int
    open: int
    unobservable: int
    caught: int
    precision: Share
    recall: Share
    lift: Lift | None
    lead_time: LeadTime
    per_week: float | None
    weeks: list[int]


class First(NamedTuple):
    """An account's first lead, and what came of it; `days` until it converted, below 0 if it had."""

    key: str
    lead: Qualified
    converted: int | None
    days: float | None
    outcome: Outcome | None


class Bench(NamedTuple):
    """What groups are measured against: the window (ms, if any), the base rate, the converted, the weeks."""

    population: Population
    window: int | None
    base: Share
    converted: int
    weeks: list[int]
    span: tuple[int | None, int | None]


def firsts(among: Sequence[One], which: Which, end: int, window: int | None) -> Iterator[First]:
    """Yield the first of those leads of each account; the outcome is None of who is unobservable.

    `end` is that of the data (epoch ms).
    """
    for one in among:
        lead = next((lead for lead in one.leads if which(lead)), None)
        if lead is None:
            continue
        days = None if one.converted is None else (one.converted - lead.at) / DAY
        came = outcome(lead.at, one.converted, end, window) if one.is_observable else None
        yield First(one.key, lead, one.converted, days, came)


def group(name: str, bench: Bench, which: Which, among: Sequence[One], cooled: int | None = None) -> Group:
    """Return what the leads that are of the group were worth; nobody but `among` has any."""
    times = [lead.at for one in among for lead in one.leads if which(lead)]
    found = [*firsts(among, which, bench.population.end, bench.window)]
    came = Counter(one.outcome for one in found)
    lengths = [*_caught(among, which, bench.window)]
    precision = share(came["hit"], came["hit"] + came["miss"] + came["late"])
    return Group(
        name=name,
        about=bench.population.about,
        leads=len(times),
        accounts=len(found),
        again=len(times) - len(found),
        suppressed=sum(1 for one in among for lead in one.barred if which(lead)),
        cooled=cooled,
        first=min(times, default=None),
        last=max(times, default=None),
        hits=came["hit"],
        late=came["late"],
        open=came["open"],
        unobservable=came[None],
        caught=len(lengths),
        precision=precision,
        recall=share(len(lengths), bench.converted),
        lift=lift(precision, bench.base),
        lead_time=lead_time(lengths),
        per_week=per_week(len(times), *bench.span),
        weeks=weekly(times, bench.weeks),
    )


def _caught(among: Sequence[One], which: Which, window: int | None) -> Iterator[int]:
    """Yield how long (ms) before it converted each account was caught, by its earliest lead in the window."""
    for one in among:
        if one.converted is None or not one.is_observable:
            continue
        ahead = (lead.at for lead in one.leads if which(lead) and caught_by(one, lead, window))
        at = next(ahead, None)
        if at is not None:
            yield one.converted - at


def caught_by(one: One, lead: Qualified, window: int | None = None) -> bool:
    """Return whether the lead came strictly before its account converted, and at most `window` ms."""
    if one.converted is None:
        return False
    ahead = one.converted - lead.at
    return ahead > 0 and (window is None or ahead <= window)
