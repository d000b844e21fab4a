"""The page: everything a backtest found, in the order in which people ask."""

from __future__ import annotations

from collections.abc import Mapping

from pql.backtest.figures.figures import Figures
from pql.backtest.page.by_month import by_month
from pql.backtest.page.by_week import by_week
from pql.backtest.page.cards import cards
from pql.backtest.page.comparison import comparison
from pql.backtest.page.funnel import funnel
from pql.backtest.page.headline import headline
from pql.backtest.page.heat import heat
from pql.backtest.page.histogram import histogram
from pql.backtest.page.markup import Markup, element
from pql.backtest.page.method import method
from pql.backtest.page.spoken import Spoken
from pql.backtest.page.style import STYLE
from pql.backtest.page.threshold import thresholds
from pql.backtest.page.unseen import unseen

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(figures: Figures, rules: Mapping[str, Spoken], title: str) -> str:
    """Return the whole HTML document; `rules` say what each rule asks, `title` what was tested."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"Backtest of {title}"),
        element("style", Markup(STYLE)),
    )
    body = element("body", element("main", _content(figures, rules, title)))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _content(figures: Figures, rules: Mapping[str, Spoken], title: str) -> list[object]:
    if not figures.bases:
        return [element("h1", "No event was counted"), element("p", f"There is nothing to say of {title}.")]
    return [
        headline(figures, title),
        comparison(figures),
        funnel(figures),
        by_week(figures),
        by_month(figures),
        histogram(figures),
        thresholds(figures, rules),
        heat(figures),
        cards(figures, rules),
        unseen(figures),
        method(figures),
        element("footer", "pql backtest"),
    ]
