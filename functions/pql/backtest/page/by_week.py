"""Leads per week."""

from __future__ import annotations

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.weeks import WEEK
from pql.backtest.page.drawing import WIDE, Scale, bar, figure, line, text, ticks, together
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import counted, in_utc, number

MOST = {True: 156, False: 60}  # bars that can be told apart on a wide page and on a narrow one


def by_week(figures: Figures) -> Markup | None:
    """Return how many leads each week had, all rules together."""
    weeks = [sum(column) for column in zip(*(one.weeks for one in figures.all), strict=True)]
    if not any(weeks):
        return None
    return element(
        "section",
        element("h2", _claim(weeks)),
        figure("leads per week", lambda width: _draw(width, weeks, figures)),
    )


def _claim(weeks: list[int]) -> str:
    empty = sum(not one for one in weeks)
    busiest = f"{number(max(weeks))} in the busiest week"
    if not empty:
        return f"Leads came every week, {busiest}"
    return f"Leads came in {number(len(weeks) - empty)} of {counted(len(weeks), 'week')}, {busiest}"


def _draw(width: int, weeks: list[int], figures: Figures) -> tuple[Markup, int]:
    several = -(-len(weeks) // MOST[width == WIDE])
    bars = [sum(weeks[at : at + several]) for at in range(0, len(weeks), several)]
    height, bottom, left = 230, 200, 34
    y = Scale(0, max(bars), bottom, 22)
    slot = (width - left) / len(bars)
    gap = 1.5 if slot > 6 else 0.5 if slot > 3 else 0
    drawn: list[object] = []
    for tick in ticks(0, max(bars), whole=True):
        drawn += [
            line(left, y(tick), width, y(tick), "grid"),
            text(left - 6, y(tick) + 4, number(tick), "", "end"),
        ]
    for place, amount in enumerate(bars):
        start = figures.weeks[place * several]
        said = f"{counted(amount, 'lead')}, {_period(start, several)}"
        x = left + place * slot
        drawn.append(
            bar(x + gap / 2, y(amount), slot - gap, bottom - y(amount), "bar", said, min(2, slot / 4))
        )
    drawn += [
        line(left, bottom, width, bottom, "axis"),
        *_dates(figures.weeks, several, slot, left, bottom, width),
    ]
    unit = "leads a week" if several == 1 else f"leads in {several} weeks"
    drawn.append(text(left, 10, unit))
    return together(*drawn), height


def _period(start: int, several: int) -> str:
    return f"the week of {say.date(start)}" if several == 1 else f"{several} weeks from {say.date(start)}"


def _dates(weeks: list[int], several: int, slot: float, left: int, bottom: int, width: int) -> list[Markup]:
    """Return the months, or the years if there are many, where they begin, as far apart as they need."""
    long = len(weeks) > 110
    found: list[Markup] = []
    free = float(left) - 1
    for place, week in enumerate(weeks):
        then, before = in_utc(week), in_utc(week - WEEK)
        begins = then.year != before.year if long else then.month != before.month
        x = left + place / several * slot
        if begins and x >= free and x < width - 34:
            words = f"{then.year}" if long or then.month == 1 or not found else f"{then:%b}"
            words = f"{then:%b} {then.year}" if not long and (not found or then.month == 1) else words
            found += [line(x, bottom, x, bottom + 5, "axis"), text(x, bottom + 19, words)]
            free = x + (74 if len(words) > 4 else 44)
    return found
