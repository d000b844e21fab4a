"""The rules side by side: precision with its interval against the base rate, and what else decides."""

from __future__ import annotations

from collections.abc import Sequence

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.group import Group
from pql.backtest.figures.wilson import Share
from pql.backtest.page.drawing import Scale, line, text, together
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import counted, number

WIDTH, HEIGHT = 300, 34
CLAIMED = 10  # accounts of known outcome, below which the heading claims nothing of a rule


def comparison(figures: Figures) -> Markup | None:
    """Return the table of all rules, the most precise first."""
    if not figures.rules:
        return None
    several = [one for one in figures.all if sum(rule.about == one.about for rule in figures.rules) > 1]
    bounds = [one.precision.high for one in figures.rules if one.precision.high is not None]
    bounds += [base.rate.rate for base in figures.bases.values() if base.rate.rate is not None]
    whom = say.whom(figures.rules)
    top = min(1.0, max(bounds, default=1.0) * 1.04)
    head = [element("th", "rule", scope="col"), element("th", "precision", scope="col", class_="words")]
    head += [element("th", one, scope="col") for one in _heads(whom)]
    rows = [_row(one, figures, top, one.name) for one in sorted(figures.rules, key=_rank) if one.leads]
    silent = [one.name for one in figures.rules if not one.leads]
    totals = [(one, say.together(one, figures.rules)) for one in several if rows]
    rows += [_row(one, figures, top, name, total=True) for one, name in totals]
    return element(
        "section",
        element("h2", _claim(figures.rules)),
        [
            element(
                "p",
                f"Each dot is the share of a rule's {whom} that converted after its lead, the bar its 95 % "
                "interval. The dashed line is the base rate: how many of all convert anyway.",
                class_="soft",
            ),
            element("table", element("thead", element("tr", head)), element("tbody", rows), class_="rules"),
        ]
        if rows
        else None,
        element("p", f"Without a lead: {', '.join(silent)}.", class_="note") if silent else None,
    )


def _claim(rules: Sequence[Group]) -> str:
    better = [
        one for one in rules if one.lift is not None and one.lift.low > 1 and one.precision.of >= CLAIMED
    ]
    if not any(one.leads for one in rules):
        return "No rule made a lead"
    if not any(one.lift for one in rules):
        return "What the rules found"
    if not better:
        return f"No rule has shown to be better than picking at random{_unclaimed(rules, 1)}"
    best = max(better, key=_least)
    known = [one for one in rules if one.precision.of >= CLAIMED]
    least, unclaimed = f"{say.factor(_least(best))}x", _unclaimed(rules, _least(best))
    if len(known) == 1:
        times = say.times(best.lift)
        return (
            f"{best.name} picks better than chance: {times} the base rate, likely {least} or more{unclaimed}"
        )
    have = "has an interval" if len(better) == 1 else "have intervals"
    made = sum(bool(one.leads) for one in rules)
    whose = "rules" if len(known) == made else f"rules with {CLAIMED} known outcomes or more"
    return (
        f"{len(better)} of {len(known)} {whose} {have} above the base rate, "
        f"{best.name} the furthest: likely {least} or more{unclaimed}"
    )


def _unclaimed(rules: Sequence[Group], least: float) -> str:
    """Return which rule lies further above the base rate than `least` times it, by too few to claim it."""
    few = [one for one in rules if one.precision.of < CLAIMED and _least(one) > least]
    if not few:
        return ""
    best = max(few, key=_least)
    return f" ({best.name} lies further above, by {counted(best.precision.of, 'known outcome')} alone)"


def _least(one: Group) -> float:
    return one.lift.low if one.lift is not None else 0.0


def _rank(one: Group) -> tuple[float, str]:
    return -(one.precision.low if one.precision.low is not None else -1.0), one.name


def _heads(whom: str) -> tuple[str, ...]:
    return "recall", "lift", "lead time", whom, "a week"


def _row(one: Group, figures: Figures, top: float, name: str, *, total: bool = False) -> Markup:
    base = figures.bases[one.about].rate.rate
    values = (
        say.percent(one.recall.rate),
        say.times(one.lift),
        say.days(one.lead_time.median),
        number(one.accounts),
        say.a_week(one.per_week),
    )
    cells = [
        element("td", value, data_is=what) for what, value in zip(_heads(one.about), values, strict=True)
    ]
    plot = element("td", _plot(one.precision, base, top), class_="plot")
    return element("tr", element("td", name, class_="name"), plot, cells, class_="total" if total else None)


def _plot(precision: Share, base: float | None, top: float) -> Markup:
    scale, middle = Scale(0, top, 4, WIDTH - 60), HEIGHT / 2
    said = f"precision {say.percent(precision.rate)}, 95 % interval {say.interval(precision)}"
    drawn = [line(4, middle, WIDTH - 60, middle, "grid")]
    if base is not None:
        drawn.append(line(scale(base), 3, scale(base), HEIGHT - 3, "base"))
    if precision.rate is None or precision.low is None or precision.high is None:
        drawn.append(text(WIDTH - 50, middle + 4, "no figure"))
    else:
        drawn += [
            line(scale(precision.low), middle, scale(precision.high), middle, "whisker"),
            element("circle", cx=scale(precision.rate), cy=middle, r=4.5, class_="dot"),
            text(WIDTH - 50, middle + 4, say.percent(precision.rate), "strong"),
        ]
    return element(
        "svg",
        element("title", said),
        together(*drawn),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=said,
    )
