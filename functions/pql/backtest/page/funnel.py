"""The funnel: of all that came, who came back, who was a lead in time, and who then converted."""

from __future__ import annotations

from pql.backtest.figures import say
from pql.backtest.figures.base import Base
from pql.backtest.figures.figures import Figures
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import number


def funnel(figures: Figures) -> Markup:
    """Return the funnel of those of whom most are leads, accounts or people."""
    base = next(iter(figures.bases.values()))
    missed = base.converted - base.caught
    before = "before" if figures.window is None else f"in the {say.in_days(figures.window)} before"
    steps = [
        ("Came", base.observable, "before converting"),
        ("Came back", base.returned, "a day or more later"),
        ("Became a lead", base.qualified, "by some rule, in time"),
    ]
    if base.converted:
        steps.append(("Converted after it", base.caught, f"with a lead {before}"))
    aside = f"{number(missed)} more converted without a lead {before}. " if missed else ""
    told = f"{aside}Conversions here count {say.length(figures.window)}."
    return element(
        "section",
        element("h2", _claim(base)),
        element("div", [_step(base, *one) for one in steps], class_="steps"),
        element("p", f"{told}{_not_precision(figures)}", class_="note") if base.converted else None,
    )


def _not_precision(figures: Figures) -> str:
    """Return why the last share of the heading is another than the precision that the page tells."""
    group = figures.all[0]
    if group.precision.rate is None:
        return ""
    precision = f"precision of {group.name}, {say.percent(group.precision.rate)},"
    if figures.window is None:
        return (
            " Who had a lead only at or after the conversion is not among the leads here; "
            f"the {precision} counts them as wrong."
        )
    return (
        " Any lead before the conversion counts here, also one whose window is still open. "
        f"The {precision} is another share: it judges the first lead of each alone, once its window is over, "
        "and counts one that came too late as wrong."
    )


def _claim(base: Base) -> str:
    if not base.observable:
        return "Nobody came before converting"
    share = say.percent(base.qualified / base.observable)
    if not base.converted or not base.qualified:
        return f"{share} of {base.about} became a lead"
    those = say.percent(base.caught / base.qualified)
    return f"{share} of {base.about} became a lead, and {those} of those converted"


def _step(base: Base, what: str, amount: int, more: str) -> Markup:
    share = amount / base.observable if base.observable else 0.0
    return element(
        "div",
        element("div", what, " ", element("span", more, class_="soft")),
        element("div", _bar(share), class_="track"),
        element(
            "div",
            element("b", number(amount)),
            " ",
            element("span", say.percent(share), class_="soft"),
            class_="told",
        ),
        class_="step",
    )


def _bar(share: float) -> Markup | None:
    """Return a bar; of nobody none, for the least that a bar is drawn wide would look like somebody."""
    return element("div", class_="fill", style=f"width:{share * 100:.2f}%") if share else None
