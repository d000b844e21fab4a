"""The figures of a backtest for a terminal: a line about everybody, a line a rule, and what to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pql.backtest.figures import say
from pql.backtest.figures.base import Base
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.group import Group
from pql.backtest.figures.unseen import amount as amount_unseen
from pql.core.clean_text import cleaned
from pql.core.plain_words import counted, number

_HEAD = ("precision", "95 % interval", "recall", "lift", "lead time", "a week")
_SHOWN = 3


def summary(figures: Figures) -> Iterator[str]:
    """Yield the lines."""
    if not figures.bases:
        yield "no event was counted"
        yield from _passed_over(figures)
        return
    yield f"{counted(figures.counted, 'event')}, {say.span(figures.first, figures.last)}"
    for base in figures.bases.values():
        yield _about(base, figures)
    yield ""
    several = [one for one in figures.all if sum(rule.about == one.about for rule in figures.rules) > 1]
    made = [one for one in figures.rules if one.leads or one.suppressed]
    if made:
        totals = [_row(one, say.together(one, figures.rules)) for one in several]
        head = ("rule", "leads", say.whom(figures.rules), *_HEAD)
        yield from _table([head, *(_row(one, one.name) for one in made), *totals])
    silent = [one.name for one in figures.rules if not (one.leads or one.suppressed)]
    if silent:
        yield f"without a lead: {', '.join(silent)}"
    yield ""
    yield from _notes(figures)
    yield from _passed_over(figures)


def _about(base: Base, figures: Figures) -> str:
    everybody = say.several(base.all, base.about)
    why = say.no_rate(base, figures.window, figures.first, figures.last)
    if not base.observable:
        return f"{everybody}, {why}"
    said = f"{everybody}, {number(base.converted)} converted"
    if base.rate.rate is None:
        return f"{said}; no base rate: {why}"
    rate = f"base rate {say.percent(base.rate.rate)} ({say.interval(base.rate)})"
    return f"{said}; {rate}, {say.length(figures.window)}"


def judged(group: Group) -> tuple[str, ...]:
    """Return precision with its interval, recall, lift, lead time and leads a week, each in words."""
    return (
        say.percent(group.precision.rate),
        say.interval(group.precision),
        say.percent(group.recall.rate),
        say.times(group.lift),
        say.days(group.lead_time.median),
        say.a_week(group.per_week),
    )


def _row(group: Group, name: str) -> tuple[str, ...]:
    return (
        name,
        number(group.leads),
        number(group.accounts),
        *judged(group),
    )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows in columns: the first to the left, the others, which are numbers, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        numbers = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *numbers]).rstrip()


def _notes(figures: Figures) -> Iterator[str]:
    bars = sum(one.suppressed for one in figures.rules)
    if bars:
        yield f"{counted(bars, 'lead')} held back by a bar"
    for base in figures.bases.values():
        for amount, told in (
            (base.late, "with the first lead of a rule at or after the conversion, which counts as wrong"),
            (
                base.undecided,
                "left out of the precision of a rule: the window after the first lead is not over",
            ),
            (base.unobservable, f"left out, had converted by {say.first_event(base.about)}"),
            (base.beyond, "converted after the end of the data, which counts as not yet"),
        ):
            if amount:
                yield f"{say.several(amount, base.about)} {told}"
        if base.visitors:
            yield f"{counted(base.visitors, 'device')} left out: nobody knows whose they are"
    if figures.unseen:
        yield f"{amount_unseen(figures.unseen)} converted and no rule had seen it:"
        for one in figures.unseen[:_SHOWN]:
            near = one.nearest
            said = f", nearest to {near.rule}: {'; '.join(near.words)}" if near else ""
            told = f"{one.name}, {say.date(one.converted)}, {counted(one.events, 'event')} in all{said}"
            yield f"  {cleaned(told)}"
        if len(figures.unseen) > _SHOWN:
            yield f"  and {number(len(figures.unseen) - _SHOWN)} more"


def _passed_over(figures: Figures) -> Iterator[str]:
    for amount, noun, why in (
        (figures.repeats, "repeat", "counted once"),
        (figures.late, "event", "came too late to be counted: see --lateness-days"),
    ):
        if amount:
            yield f"{counted(amount, noun)} {why}"
