"""Leads per month: how many, how that grows, and how many of them converted."""

from __future__ import annotations

from collections.abc import Sequence

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.velocity import ALL, Month
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import number

SHOWN = 13  # a year, and the month it began with
_HEADS = ("leads", "growth", "converted", "interval", "after")


def by_month(figures: Figures) -> Markup | None:
    """Return the table of the newest months, all rules together; none for less than two whole months."""
    months = [one for one in figures.months if one.rule == ALL]
    if sum(one.complete for one in months) < 2 or not any(one.leads.made for one in months):
        return None
    head = [element("th", one, scope="col") for one in ("month", *_HEADS)]
    shown = months[-SHOWN:]
    return element(
        "section",
        element("h2", _claim(months)),
        element(
            "p",
            "Growth is the lead velocity rate: new leads over those of the month before. A month that the "
            "events cut has none. Converted are those of its leads that are decided.",
            class_="soft",
        ),
        element(
            "table",
            element("thead", element("tr", head)),
            element("tbody", [_row(one) for one in reversed(shown)]),
            class_="rules",
        ),
        element("p", f"{number(len(months) - SHOWN)} earlier months are left out.", class_="note")
        if len(months) > SHOWN
        else None,
    )


def _claim(months: Sequence[Month]) -> str:
    grown = [one.velocity for one in months if one.velocity is not None]
    if not grown:
        return "Leads, month by month"
    return f"Leads grew in {number(sum(one > 0 for one in grown))} of {number(len(grown))} months"


def _row(one: Month) -> Markup:
    rate = one.leads.rate
    values = (
        number(one.leads.made),
        say.growth(one.velocity),
        say.UNKNOWN if rate.rate is None else f"{number(rate.hits)} of {number(rate.of)}",
        say.interval(rate) or say.UNKNOWN,
        say.days(one.leads.median_days),
    )
    cells = [element("td", value, data_is=what) for what, value in zip(_HEADS, values, strict=True)]
    return element(
        "tr", element("td", one.month if one.complete else f"{one.month}, part", class_="name"), cells
    )
