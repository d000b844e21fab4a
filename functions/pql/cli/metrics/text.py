"""What leads were worth, as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pql.backtest.figures.say import (
    UNKNOWN,
    a_week,
    date,
    growth,
    in_days,
    length,
    percent,
    rated,
    several,
    times,
    typed,
    undecided,
)
from pql.backtest.figures.velocity import ALL, Month, Yield
from pql.backtest.page.by_month import newest
from pql.core.clean_text import cleaned, cut
from pql.core.plain_words import counted, number
from pql.flows.metrics import Metrics, RuleMetrics
from pql.flows.metrics.answers import Owner

Line = TypeVar("Line", RuleMetrics, Month)
RULES = ("RULE", "LEADS", "CONVERTED", "LIFT", "DAYS")
ANSWERS = ("RULE", "LIVE", "ANSWERED", "AFTER DAYS", "DISMISSED", "EXPIRED", "OPEN")
MONTHS = ("RULE", "MONTH", "LEADS", "GROWTH", "CONVERTED", "DAYS")
REASON_SHOWN = 60
REASONS_SHOWN = 10
WEEKS_SHOWN = 8


def text(found: Metrics) -> Iterator[str]:
    """Yield the lines: what leads were worth, how they grow, who answers them, and why they are dismissed."""
    if found.first is None:
        yield "no leads"
        return
    last = found.until if found.last is None else found.last
    yield f"leads from {date(found.first)} to {date(last)}, conversions {length(found.within)}"
    yield from _bases(found)
    yield from _too_young(found)
    yield ""
    rules = _several(found.rules)
    yield from _table(RULES, [_worth(one) for one in rules])
    if sum(one.leads.made for one in found.rules) > 2 * found.rules[-1].leads.made:
        yield f"{ALL}: without leads that nobody was told of, those of drafts and in shadow"
    months = _several(found.months)
    shown = [
        one for rule in dict.fromkeys(one.rule for one in months) for one in _newest(rule, months, found)
    ]
    if shown:
        yield ""
        yield from _table(MONTHS, [_month(one) for one in shown])
    if len(shown) < len(months):
        left = len({one.month for one in months} - {one.month for one in shown})
        yield f"{counted(left, 'earlier month')} left out: --from and --to choose others, --json has all"
    if any(one.handling.live for one in rules):
        yield ""
        yield from _table(ANSWERS, [_answers(one) for one in rules])
    yield from _reasons(found.rules)
    yield from _owners(found.owners)


def _several(lines: Sequence[Line]) -> list[Line]:
    """Return lines without those of all rules together where there is one rule alone."""
    return [one for one in lines if one.rule != ALL or len({one.rule for one in lines}) > 2]


def _bases(found: Metrics) -> Iterator[str]:
    for about, rate in found.bases.items():
        if about in found.unknown:
            yield f"no base rate of {about}: {found.unknown[about]}"
        else:
            yield f"base rate: {rated(rate)} of {several(rate.of, about)}"
    if not found.bases:
        yield "base rate: unknown; name events to know it, such as `pql metrics archive`"


def _too_young(found: Metrics) -> Iterator[str]:
    """Yield what to type where all leads are younger than the window, and nothing is said of any."""
    age = 0 if found.first is None else found.until - found.first
    if found.within is not None and age < found.within:
        told = f"no lead is decided: the first was made {in_days(age)} before the end"
        yield f"{told}, type --within {typed(age)} or shorter" if typed(age) else told


def _worth(one: RuleMetrics) -> tuple[str, ...]:
    return (
        one.rule,
        number(one.leads.made),
        _converted(one.leads),
        times(one.lift),
        _number(one.leads.median_days),
    )


def _newest(rule: str, months: Sequence[Month], found: Metrics) -> Sequence[Month]:
    return newest([one for one in months if one.rule == rule], found.within)


def _month(one: Month) -> tuple[str, ...]:
    name = one.month if one.complete else f"{one.month} (part)"
    return (
        one.rule,
        name,
        number(one.leads.made),
        growth(one.velocity),
        _converted(one.leads),
        _number(one.leads.median_days),
    )


def _answers(one: RuleMetrics) -> tuple[str, ...]:
    handling = one.handling
    states = [_part(handling.states[state], handling.live) for state in ("dismissed", "expired", "open")]
    answered = _part(handling.answered.hits, handling.live)
    return one.rule, number(handling.live), answered, _number(handling.days_to_answer), *states


def _reasons(rules: Sequence[RuleMetrics]) -> Iterator[str]:
    reasons = rules[-1].handling.reasons if rules else {}
    if reasons:
        yield ""
        yield "dismissed because"
        for reason, times in [*reasons.items()][:REASONS_SHOWN]:
            yield f"  {number(times):>4}  {cut(cleaned(reason), REASON_SHOWN) or 'no reason given'}"


def _owners(owners: Sequence[Owner]) -> Iterator[str]:
    if owners:
        yield ""
        yield from _table(
            ("WHO", "LEADS", "A WEEK", f"LAST {WEEKS_SHOWN} WEEKS"),
            [
                (
                    cut(cleaned(one.name), REASON_SHOWN),
                    number(one.leads),
                    a_week(one.per_week),
                    " ".join(map(str, [*one.weeks.values()][-WEEKS_SHOWN:])),
                )
                for one in owners
            ],
        )


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield lines of columns, the first to the left and the others to the right."""
    lines = [headings, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headings))]
    for line in lines:
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join([first, *others])


def _converted(leads: Yield) -> str:
    rate = leads.rate
    return (
        undecided(leads) if rate.rate is None else f"{number(rate.hits)} of {number(rate.of)}: {rated(rate)}"
    )


def _part(some: int, every: int) -> str:
    return f"{number(some)} ({percent(some / every)})" if every else "0"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else number(round(value, 1))
