"""Drawings: a picture twice, for wide pages and for narrow ones, so that its letters keep their size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pql.backtest.page.markup import Markup, element, joined

WIDE, NARROW = 920, 340


class Scale(NamedTuple):
    """From values (`low` to `high`) to pixels (`start` to `end`)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a value is."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return self.start + share * (self.end - self.start)


def figure(
    title: str, draw: Callable[[int], tuple[Markup, int]], note: str = "", *, small: bool = False
) -> Markup:
    """Return a picture, called `title` to whoever cannot see it; `draw` takes a width, tells its height.

    A `small` one stands beside others, and is narrow on any page.
    """
    pictures = [
        element("svg", drawn, viewBox=f"0 0 {width} {height}", role="img", aria_label=title, class_=name)
        for width, name in (((NARROW, "small"),) if small else ((WIDE, "wide"), (NARROW, "narrow")))
        for drawn, height in (draw(width),)
    ]
    return element("figure", pictures, element("figcaption", note) if note else None)


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    """Return words at a place; `kind` are classes of the style sheet."""
    return element(
        "text", words, x=x, y=y, class_=kind or None, text_anchor=None if anchor == "start" else anchor
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Return a line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def bar(
    x: float, y: float, width: float, height: float, kind: str, said: str = "", round_: float = 2
) -> Markup:
    """Return a bar that says something to whoever points at it."""
    told = [element("title", said)] if said else []
    size = {"x": x, "y": y, "width": max(width, 0.0), "height": max(height, 0.0)}
    return element("rect", *told, **size, rx=round_, class_=kind)


def path(points: Sequence[tuple[float, float]], kind: str, *, closed: bool = False) -> Markup:
    """Return a line through points."""
    through = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return element("path", d=f"M{through}{'Z' if closed else ''}", class_=kind)


def steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points of a staircase: each height holds from the point before on."""
    found: list[tuple[float, float]] = []
    for x, y in points:
        if found:
            found.append((found[-1][0], y))
        found.append((x, y))
    return found


def ticks(low: float, high: float, about: int = 4, *, whole: bool = False) -> list[float]:
    """Return round numbers from `low` to `high`, about so many; of what is counted, `whole` ones."""
    if high <= low:
        return [low]
    rough = max((high - low) / about, 1.0 if whole else 0.0)
    unit = 10.0 ** math.floor(math.log10(rough))
    sizes = [unit * one for one in (1, 2, 2.5, 5, 10)]
    size = next(one for one in sizes if one >= rough and (one.is_integer() or not whole))
    first = math.ceil(low / size - 1e-9)
    return [one * size for one in range(first, math.floor(high / size + 1e-9) + 1)]


def together(*parts: object) -> Markup:
    """Return parts of a picture as one."""
    return joined(parts)
