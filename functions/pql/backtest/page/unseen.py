"""Who converted without any rule having seen it."""

from __future__ import annotations

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.unseen import Unseen, amount
from pql.backtest.page.markup import Markup, element
from pql.core.clean_text import cleaned
from pql.core.plain_words import number

SHOWN = 15


def unseen(figures: Figures) -> Markup | None:
    """Return the list, those with a rule near first."""
    if not figures.unseen:
        return None
    heads = (
        ("who", None),
        ("converted", None),
        ("events", None),
        ("nearest rule, and what was missing", "words"),
    )
    rest = len(figures.unseen) - SHOWN
    return element(
        "section",
        element("h2", f"{amount(figures.unseen)} converted, and no rule had seen it coming"),
        element(
            "table",
            element(
                "thead",
                element("tr", [element("th", head, class_=kind, scope="col") for head, kind in heads]),
            ),
            element("tbody", [_row(one) for one in figures.unseen[:SHOWN]]),
            class_="list",
        ),
        element("p", f"and {number(rest)} more, in the CSV file unseen.csv", class_="note")
        if rest > 0
        else None,
        class_="long",
    )


def _row(one: Unseen) -> Markup:
    near = one.nearest
    missing = cleaned("; ".join(near.words)) if near else ""
    words = [element("b", near.rule), f" {near.met} of {near.of}: {missing}"] if near else "–"  # noqa: RUF001
    return element(
        "tr",
        element("td", cleaned(one.name), class_="name"),
        element("td", say.date(one.converted)),
        element("td", number(one.events)),
        element("td", words, class_="words"),
    )
