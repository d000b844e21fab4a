"""A card for each rule: what it asks, what it found, when, and who came nearest without a lead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pql.backtest.course import Miss
from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.group import Group
from pql.backtest.page.by_month import of_rule
from pql.backtest.page.drawing import Scale, bar
from pql.backtest.page.markup import Markup, element
from pql.backtest.page.spoken import Spoken
from pql.core.clean_text import cleaned
from pql.core.keys import readable
from pql.core.plain_words import number
from pql.rules.rule import PLACEHOLDER

_MISSES = 5
_WIDTH, _HEIGHT = 300, 38


def cards(figures: Figures, rules: Mapping[str, Spoken]) -> Markup | None:
    """Return the cards, in the order of the pack."""
    if not figures.rules:
        return None
    return element(
        "section",
        element("h2", "What each rule says, and what came of it"),
        element("div", [_card(one, rules.get(one.name), figures) for one in figures.rules], class_="cards"),
        class_="long",
    )


def _card(group: Group, rule: Spoken | None, figures: Figures) -> Markup:
    tags = [rule.status, rule.tier] if rule is not None else []
    misses = [one for one in figures.misses if one.rule == group.name][:_MISSES]
    return element(
        "article",
        element("header", element("h3", group.name), [element("span", one, class_="tag") for one in tags]),
        [
            element("p", _plain(rule.title), class_="title"),
            element(
                "ul",
                [element("li", one.words, class_=f"d{min(one.depth, 3)}") for one in rule.lines],
                class_="asks",
            ),
        ]
        if rule is not None
        else None,
        _found(group),
        _weeks(group),
        of_rule(figures, group.name),
        _nearest(misses),
        class_="rule",
    )


def _plain(template: str) -> str:
    """Return a title that is about nobody in particular."""
    named = re.sub(r"\{(account|user)\}", r"the \1", template)
    told = PLACEHOLDER.sub("…", named)
    return told[:1].upper() + told[1:]


def _facts(group: Group) -> list[tuple[str, str]]:
    found = [
        ("precision", say.percent(group.precision.rate)),
        ("recall", say.percent(group.recall.rate)),
        ("lift", say.times(group.lift)),
        (group.about, number(group.accounts)),
        ("leads", number(group.leads)),
        ("lead time", say.days(group.lead_time.median)),
    ]
    for what, amount in (
        ("told again", group.again),
        ("held by a bar", group.suppressed),
        ("cooled down", group.cooled),
        ("too late", group.late),
        ("window open", group.open),
    ):
        if amount:
            found.append((what, number(amount)))
    return found


def _found(group: Group) -> Markup:
    if not (group.leads or group.suppressed):
        return element("p", "It made no lead.", class_="soft")
    facts = [element("div", element("dt", what), element("dd", told)) for what, told in _facts(group)]
    return element("dl", facts)


def _weeks(group: Group) -> Markup | None:
    if not any(group.weeks):
        return None
    several = -(-len(group.weeks) // 100)
    bars = [sum(group.weeks[at : at + several]) for at in range(0, len(group.weeks), several)]
    y, slot = Scale(0, max(bars), _HEIGHT, 1), _WIDTH / len(bars)
    drawn = [
        bar(place * slot, y(amount), max(slot - 1, 0.6), _HEIGHT - y(amount), "bar", round_=1)
        for place, amount in enumerate(bars)
        if amount
    ]
    said = f"leads per week, {say.date(group.first)} to {say.date(group.last)}"
    size = {"viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "preserveAspectRatio": "none"}
    return element("svg", element("title", said), drawn, role="img", aria_label=said, **size)


def _nearest(misses: list[Miss]) -> Markup | None:
    if not misses:
        return None
    told = [
        element(
            "li",
            f"{cleaned(readable(one.subject))}{', now converted' if one.converted else ''}: "
            f"{one.met} of {one.of} met; {cleaned('; '.join(one.words))}",
        )
        for one in misses
    ]
    head = "nearest miss" if len(told) == 1 else f"the {len(told)} nearest misses"
    return element("details", element("summary", head), element("ul", told))
