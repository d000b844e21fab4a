"""The overlap of rules as a map: of the accounts of each, how many another rule made leads of, too."""

from __future__ import annotations

from collections.abc import Mapping

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.group import Group
from pql.backtest.figures.overlap import Overlap
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import number


def heat(figures: Figures) -> Markup | None:
    """Return the map, and which two rules are nearest to being one."""
    if not figures.overlaps:
        return None
    pairs = {(one.one, one.other): one for one in figures.overlaps}
    rules = [*dict.fromkeys(name for pair in pairs for name in pair)]
    groups = {one.name: one for one in figures.rules if one.name in rules}
    whom = say.whom([*groups.values()])
    head = [element("th"), [element("th", str(place), scope="col") for place in range(1, len(rules) + 1)]]
    rows = [
        element(
            "tr",
            element("th", str(place), " ", element("span", name), scope="row", class_="row"),
            [_cell(name, other, pairs, groups[name]) for other in rules],
        )
        for place, name in enumerate(rules, 1)
    ]
    return element(
        "section",
        element("h2", _claim(figures.overlaps, groups, whom)),
        element(
            "p",
            f"Read a row: of the {whom} that a rule made leads of, the share, in %, of whom the rule of the "
            "column did, too. On the diagonal, how many it has.",
            class_="soft",
        ),
        element("ol", [element("li", name) for name in rules], class_="key"),
        element("table", element("thead", element("tr", head)), element("tbody", rows), class_="heat"),
    )


def _claim(overlaps: list[Overlap], groups: Mapping[str, Group], whom: str) -> str:
    nearest = max(overlaps, key=lambda one: (one.jaccard, one.one, one.other))
    if not nearest.both:
        return f"No two rules share any {whom}"
    either = nearest.of_one + nearest.of_other - nearest.both
    return (
        f"{nearest.one} and {nearest.other} overlap most: they share {number(nearest.both)} "
        f"of their {say.several(either, groups[nearest.one].about)}"
    )


def _cell(name: str, other: str, pairs: Mapping[tuple[str, str], Overlap], group: Group) -> Markup:
    if name == other:
        return element("td", number(group.accounts), class_="own")
    pair = pairs.get((name, other)) or pairs.get((other, name))
    if pair is None:
        return element("td")
    share = pair.both / group.accounts if group.accounts else 0.0
    said = (
        f"{number(pair.both)} of {say.several(group.accounts, group.about)} of {name} "
        f"{'is' if pair.both == 1 else 'are'} of {other}, too; Jaccard {pair.jaccard:.2f}"
    )
    colour = f"background:color-mix(in srgb,var(--bar) {share * 100:.0f}%,var(--card))"
    return element(
        "td", f"{share * 100:.0f}", title=said, style=colour, class_="deep" if share > 0.65 else None
    )
