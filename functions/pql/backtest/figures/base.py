"""Who the rules judged: how many came, came back, became leads and converted."""

from __future__ import annotations

import msgspec

from pql.backtest.course import Qualified
from pql.backtest.figures.group import Bench, Which, caught_by
from pql.backtest.figures.outcome import Outcome, outcome
from pql.backtest.figures.population import About, One
from pql.backtest.figures.wilson import Share
from pql.core.window import DAY


class Base(msgspec.Struct, frozen=True):
    """Who the rules judged, from `all` of them on.

    `visitors` are devices of unknown owners and stand outside. `beyond` convert after the end of the data,
    which counts as if they did not. Observable are those whose first event came before they
    converted. `converted` are observable ones who did at any time, `rate` the share who did (within the
    window) after their first event, leaving out the `open` whose window is not over.
    `returned` had events a day or more apart, `qualified` a lead before they converted, `caught` are
    those of them who then did (within the window after any lead). `longest` is how long the data go on (ms)
    after the first event of any observable one.
    """

    about: About
    all: int
    visitors: int
    beyond: int
    observable: int
    unobservable: int
    converted: int
    open: int
    returned: int
    qualified: int
    caught: int
    rate: Share
    late: int = 0
    undecided: int = 0
    longest: int = 0


def base(bench: Bench, which: Which) -> Base:
    """Return that of a bench; `which` are the leads that count."""
    everyone = bench.population.of.values()
    observed = [one for one in everyone if one.is_observable]
    came = [_outcomes(bench, one) for one in observed if one.leads]
    return Base(
        about=bench.population.about,
        all=len(everyone),
        visitors=bench.population.visitors,
        beyond=bench.population.beyond,
        observable=len(observed),
        unobservable=len(everyone) - len(observed),
        converted=bench.converted,
        open=len(observed) - bench.base.of,
        returned=sum(one.last - one.first >= DAY for one in observed),
        qualified=sum(any(which(lead) and _is_before(one, lead) for lead in one.leads) for one in observed),
        caught=sum(
            any(which(lead) and caught_by(one, lead, bench.window) for lead in one.leads) for one in observed
        ),
        rate=bench.base,
        late=sum("late" in one for one in came),
        undecided=sum("open" in one for one in came),
        longest=max((bench.population.end - one.first for one in observed), default=0),
    )


def _outcomes(bench: Bench, one: One) -> set[Outcome]:
    """Return what came of its first leads, one of each rule."""
    first: dict[str, int] = {}
    for lead in one.leads:
        first.setdefault(lead.rule, lead.at)
    return {outcome(at, one.converted, bench.population.end, bench.window) for at in first.values()}


def _is_before(one: One, lead: Qualified) -> bool:
    return one.converted is None or lead.at < one.converted
