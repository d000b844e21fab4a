"""Leads per month: how many, how that grows, and how many of them converted; of all rules, and of each."""

from __future__ import annotations

from collections.abc import Sequence

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.velocity import ALL, Month
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import counted, number

SHOWN = 13  # a year, and the month it began with
MOST = 37  # in all: with a long window the newest are all open, and those before are shown as well
_HEADS = ("leads", "growth", "converted", "interval", "after")
_NARROW = (
    "leads",
    "growth",
    "converted",
    "after",
)  # in a card; instead of its growth a month is said to be cut


def by_month(figures: Figures) -> Markup | None:
    """Return the table of the newest months, all rules together; none for less than two whole months."""
    months = [one for one in figures.months if one.rule == ALL]
    if sum(one.complete for one in months) < 2 or not any(one.leads.made for one in months):
        return None
    open_ = ""
    if figures.window is not None:
        open_ = (
            f" While the window of {say.in_days(figures.window)} after its leads is open, a month "
            "has none: it is too early to say."
        )
    return element(
        "section",
        element("h2", _claim(months)),
        element(
            "p",
            "Growth is the lead velocity rate: new leads over those of the month before. A month that the "
            "events cut has none. Converted are those of its leads that are decided; late are those "
            f"made at or after the conversion of their account.{open_}",
            class_="soft",
        ),
        table(months, figures.window),
        class_="long",
    )


def of_rule(figures: Figures, rule: str) -> Markup | None:
    """Return the same table of one rule, to be opened; none of the only one, or with nothing to compare."""
    months = [one for one in figures.months if one.rule == rule]
    if {one.rule for one in figures.months} <= {rule, ALL}:
        return None
    if sum(one.complete for one in months) < 2 or not any(one.leads.made for one in months):
        return None
    told = table(months, figures.window, "months", _NARROW)
    return element("details", element("summary", "month by month"), told)


def table(
    months: Sequence[Month], window: int | None, kind: str = "rules", heads: Sequence[str] = _HEADS
) -> Markup:
    """Return the newest of these months as a table with such columns, and how many are left out of it."""
    head = [element("th", one, scope="col") for one in ("month", *heads)]
    shown = newest(months, window)
    left = len(months) - len(shown)
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", head)),
            element("tbody", [_row(one, heads) for one in reversed(shown)]),
            class_=kind,
        ),
        element("p", f"{counted(left, 'earlier month')} left out.", class_="note") if left else None,
    )


def newest(months: Sequence[Month], window: int | None) -> Sequence[Month]:
    """Return the last year of a rule's months; in a `window` (ms) that of those decided, and all after it."""
    decided = [place for place, one in enumerate(months) if one.leads.rate.of]
    last = decided[-1] if window is not None and decided else len(months) - 1
    return months[max(0, len(months) - MOST, last + 1 - SHOWN) :]


def _claim(months: Sequence[Month]) -> str:
    grown = [one.velocity for one in months if one.velocity is not None]
    if not grown:
        return "Leads, month by month"
    return f"Leads grew in {number(sum(one > 0 for one in grown))} of {counted(len(grown), 'month')}"


def _row(one: Month, heads: Sequence[str]) -> Markup:
    rate = one.leads.rate
    converted = say.undecided(one.leads) if rate.rate is None else f"{number(rate.hits)} of {number(rate.of)}"
    values = (
        number(one.leads.made),
        "part" if heads is _NARROW and not one.complete else say.growth(one.velocity),
        converted,
        say.interval(rate) or say.UNKNOWN,
        say.days(one.leads.median_days),
    )
    cells = [
        element("td", value, data_is=what)
        for what, value in zip(_HEADS, values, strict=True)
        if what in heads
    ]
    is_whole = one.complete or heads is _NARROW
    return element("tr", element("td", one.month if is_whole else f"{one.month}, part", class_="name"), cells)
