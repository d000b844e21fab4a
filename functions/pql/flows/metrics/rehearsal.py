"""The metrics of leads that rules would have made of the past."""

from __future__ import annotations

from collections.abc import Collection

from pql.backtest.course import Course
from pql.backtest.figures.figures import figures
from pql.backtest.figures.population import populations
from pql.backtest.figures.velocity import by_rule, made, monthly, yielded
from pql.backtest.figures.wilson import lift, share
from pql.core.lead_state import STATES
from pql.flows.metrics import Metrics, RuleMetrics
from pql.flows.metrics.answers import Handling
from pql.flows.metrics.backdrop import backdrop_of


def rehearsed(
    course: Course,
    first: int | None,
    before: int,
    *,
    within: int | None = None,
    announced: Collection[str] | None = None,
) -> Metrics:
    """Return the metrics of the leads that rules would have made, of which nobody has made anything.

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
