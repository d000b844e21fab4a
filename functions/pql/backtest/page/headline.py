"""What stands at the top of the page: a sentence, and the four numbers people ask for."""

from __future__ import annotations

from collections.abc import Iterator

from pql.backtest.figures import say
from pql.backtest.figures.base import Base
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.group import Group
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import counted, number


def headline(figures: Figures, title: str) -> Markup:
    """Return the head of the page."""
    base, group = next(iter(figures.bases.values())), figures.all[0]
    eyebrow = f"Backtest · {title} · {say.span(figures.first, figures.last)}"
    return element(
        "header",
        element("p", eyebrow, class_="eyebrow"),
        element("h1", _sentence(base, group, figures)),
        element("p", _lede(figures, base), class_="lede"),
        element("div", [*_tiles(base, group, figures)], class_="tiles"),
    )


def _sentence(base: Base, group: Group, figures: Figures) -> str:
    if not base.converted:
        return (
            f"{counted(group.leads, 'lead')} of {say.several(base.all, base.about)}, "
            "and no conversion is known"
        )
    whose = f" of {base.about}" if len(figures.bases) > 1 else ""
    had = f"{counted(base.converted, 'conversion')}{whose} had {_before(figures)}"
    if not group.caught:
        return f"None of {had}"
    return f"{number(group.caught)} of {had}, half of them by {say.ahead(group.lead_time.median)} or more"


def _lede(figures: Figures, base: Base) -> str:
    everybody = " and ".join(say.several(one.all, one.about) for one in figures.bases.values())
    seen = (
        f"{counted(figures.counted, 'event')} of {everybody} "
        f"{'was' if figures.counted == 1 else 'were'} run through the rules"
    )
    if not base.converted:
        return f"{seen}, as the live engine would have. Without conversions nothing can be said of precision."
    several = say.several(base.converted, base.about)
    converted = several if len(figures.bases) > 1 else number(base.converted)
    return (
        f"{seen}, as the live engine would have, one by one in the order they were received. "
        f"{converted} converted. A lead counts only if {_condition(figures)}."
    )


def _before(figures: Figures) -> str:
    if figures.window is None:
        return "a lead before"
    return f"a lead in the {say.in_days(figures.window)} before"


def _condition(figures: Figures) -> str:
    if figures.window is None:
        return "it came before the conversion"
    return f"the conversion came after it, {say.length(figures.window)}"


def _tiles(base: Base, group: Group, figures: Figures) -> Iterator[Markup]:
    recall, precision, time = group.recall, group.precision, group.lead_time
    yield _tile(
        say.percent(recall.rate),
        f"of conversions had {_before(figures)}",
        f"{number(recall.hits)} of {number(recall.of)}, 95 % interval {say.interval(recall)}",
    )
    yield _tile(
        "–" if group.lift is None else f"{say.factor(group.lift.times)} ×",  # noqa: RUF001 - typography
        "as likely to convert as anybody",
        f"precision {say.percent(precision.rate)}, base rate {say.percent(base.rate.rate)}",
    )
    low, high = (say.days(one).replace(" ", "\N{NO-BREAK SPACE}") for one in (time.low, time.high))
    quarter = f"a quarter {low} or less, a quarter {high} or more"
    yield _tile(
        say.ahead(time.median),
        "from the lead to the conversion, in the median",
        quarter if time.median is not None else "no conversion was caught",
    )
    yield _tile(
        say.a_week(group.per_week),
        "leads a week, on average",
        f"{number(group.leads)} in all, of {say.several(group.accounts, base.about)}, by {_which(figures)}",
    )


def _which(figures: Figures) -> str:
    group = figures.all[0]
    if group.name == "any rule":
        return counted(sum(one.about == group.about for one in figures.rules), "rule")
    return "the announced rules; drafts and shadows stand below"


def _tile(value: str, what: str, more: str) -> Markup:
    amount, _, unit = value.partition(" ")
    told = [amount, element("small", unit)] if unit else amount
    return element("div", element("b", told), element("span", what), element("i", more), class_="tile")
