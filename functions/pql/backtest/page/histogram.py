"""How long before their conversion accounts were leads, as a histogram."""

from __future__ import annotations

from pql.backtest.figures import say
from pql.backtest.figures.figures import Figures
from pql.backtest.figures.lead_time import EDGES
from pql.backtest.page.drawing import WIDE, Scale, bar, figure, line, text, together
from pql.backtest.page.markup import Markup, element
from pql.core.plain_words import counted, number


def histogram(figures: Figures) -> Markup | None:
    """Return the histogram of all rules together."""
    group = figures.all[0]
    time = group.lead_time
    if time.median is None:
        return None
    late = sum(time.histogram[:2])
    note = (
        f"{say.percent(late / group.caught)} were leads less than three days before they converted."
        if late
        else ""
    )
    return element(
        "section",
        element(
            "h2", f"Half of the caught were leads {say.ahead(time.median)} or more before they converted"
        ),
        figure(
            "days from lead to conversion",
            lambda width: _draw(width, _shown(time.histogram), group.about),
            note,
        ),
    )


def _shown(counts: list[int]) -> list[int]:
    """Return the bars without those beyond the last that there is, five at least."""
    last = max(place for place, amount in enumerate(counts) if amount)
    return counts[: max(last + 1, 5)]


def _draw(width: int, counts: list[int], about: str) -> tuple[Markup, int]:
    height, bottom = 230, 180
    y = Scale(0, max(counts), bottom, 36)
    slot = width / len(counts)
    drawn: list[object] = [text(0, 10, f"{about}, by days from lead to conversion")]
    for place, amount in enumerate(counts):
        x = place * slot
        label = _label(place, short=width < WIDE)
        said = f"{counted(amount, 'conversion')}, {_label(place)} days after the lead"
        drawn += [
            bar(x + 3, y(amount), slot - 6, bottom - y(amount), "bar", said),
            text(x + slot / 2, bottom + 18, label, "", "middle"),
        ]
        if amount:
            drawn.append(text(x + slot / 2, y(amount) - 6, number(amount), "strong", "middle"))
    drawn += [
        line(0, bottom, width, bottom, "axis"),
        text(0, bottom + 38, "days" if width == WIDE else "days, from"),
    ]
    return together(*drawn), height


def _label(place: int, *, short: bool = False) -> str:
    start = EDGES[place]
    if place == len(EDGES) - 1:
        return f"{start}+"
    last = EDGES[place + 1] - 1
    return f"{start}" if short or last == start else f"{start}–{last}"  # noqa: RUF001 - a range
