"""Precision and recall of each score as its threshold moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pql.backtest.figures import say
from pql.backtest.figures.base import Base
from pql.backtest.figures.curve import Curve
from pql.backtest.figures.figures import Figures
from pql.backtest.page.drawing import Scale, figure, line, path, steps, text, ticks, together
from pql.backtest.page.markup import Markup, element
from pql.backtest.page.spoken import Spoken
from pql.core.plain_words import number

_TOP, _MIDDLE, _LOW, _BOTTOM, _LEFT = 34, 170, 206, 286, 40


def thresholds(figures: Figures, rules: Mapping[str, Spoken]) -> Markup | None:
    """Return a picture for each score that says anything."""
    bases = figures.bases
    drawn = [one for one in figures.curves if len(one.points) > 1 and bases[one.about].converted]
    if not drawn:
        return None
    kinds = [kind for kind in bases if any(one.about == kind for one in drawn)]
    return element(
        "section",
        element("h2", "What another threshold would do"),
        element(
            "p",
            f"Of the {' and '.join(kinds)} whose score ever reached a threshold before they converted: the "
            "share that did convert, with its 95 % interval, and below it the share of all conversions among "
            "them. Upright lines are the thresholds of today's rules.",
            class_="soft",
        ),
        element(
            "div",
            [
                _of_score(one, bases[one.about], rules, small=len(drawn) > 1, whose=len(kinds) > 1)
                for one in drawn
            ],
            class_="several" if len(drawn) > 1 else None,
        ),
        class_="long",
    )


def _of_score(curve: Curve, base: Base, rules: Mapping[str, Spoken], *, small: bool, whose: bool) -> Markup:
    marks: dict[float, list[str]] = {}
    for rule in rules.values():
        if curve.score in rule.bounds:
            marks.setdefault(rule.bounds[curve.score], []).append(rule.name)
    rate = base.converted / base.observable
    title = f"precision and recall of the score {curve.score} by threshold"
    return element(
        "div",
        element("h3", f"{curve.score} of {curve.about}" if whose else curve.score, style="margin-top:1.6rem"),
        figure(title, lambda width: _draw(width, curve, rate, marks), small=small),
    )


def _draw(width: int, curve: Curve, rate: float, marks: Mapping[float, list[str]]) -> tuple[Markup, int]:
    points = curve.points
    x = Scale(min(0.0, points[0].threshold), points[-1].threshold, _LEFT, width - 66)
    # The interval of a handful would else flatten everything: what it reaches beyond twice the line is cut.
    rates = [one.precision.rate or 0.0 for one in points]
    y = Scale(0, min(1.0, max(*rates, rate) * 1.35), _MIDDLE, _TOP)
    z = Scale(0, 1, _BOTTOM, _LOW)
    drawn = [*_grid(x, y, z, width)]
    drawn += _marks(marks, x, width)
    drawn += [*_precision(curve, x, y, width), *_recall(curve, x, z, width)]
    # At the right end: the curve begins near the base rate and leaves it.
    beside = _beside(y(rate), [y(one) for one in _rates(y)])
    drawn += [
        line(_LEFT, y(rate), width - 66, y(rate), "base"),
        text(width - 70, beside, f"everybody {say.percent(rate)}", "", "end"),
    ]
    return together(*drawn), _BOTTOM + 38


def _rates(y: Scale) -> list[float]:
    return ticks(0, y.high, 3)


def _beside(at: float, lines: Sequence[float]) -> float:
    """Return where words stand: below what is `at`, or above it if one of `lines` would go through them."""
    below = at + 14
    return at - 5 if any(below - 11 < one < below + 4 for one in lines) else below


def _marks(marks: Mapping[float, list[str]], x: Scale, width: int) -> Iterator[Markup]:
    """Yield the thresholds of rules, their names on two lines in turn where they stand close."""
    before, row = -1e9, 0
    for bound, names in sorted(marks.items()):
        at = x(bound)
        if not x.low <= bound <= x.high:
            continue
        row = 1 - row if at - before < 170 else 0
        before = at
        is_left = at > width * 0.6
        words = f"{', '.join(names)}: {number(bound)}"
        yield line(at, _TOP - 6 - row * 14, at, _BOTTOM, "mark")
        place = at - 4 if is_left else at + 4
        yield text(place, _TOP - 4 - row * 14, words, "", "end" if is_left else "start")


def _grid(x: Scale, y: Scale, z: Scale, width: int) -> Iterator[Markup]:
    for scale, rates in ((y, _rates(y)), (z, ticks(0, z.high, 2))):
        for tick in rates:
            yield line(_LEFT, scale(tick), width - 66, scale(tick), "grid")
            yield text(_LEFT - 6, scale(tick) + 4, f"{tick * 100:g} %", "", "end")
    for tick in ticks(x.low, x.high, 6 if width > 500 else 4):
        yield line(x(tick), _BOTTOM, x(tick), _BOTTOM + 4, "axis")
        yield text(x(tick), _BOTTOM + 18, number(round(tick, 6)), "", "middle")
    yield text(_LEFT, _BOTTOM + 34, "threshold")


def _precision(curve: Curve, x: Scale, y: Scale, width: int) -> Iterator[Markup]:
    known = [one for one in curve.points if one.precision.rate is not None]
    top = _stairs([(x(one.threshold), y(min(one.precision.high or 0.0, y.high))) for one in known])
    low = _stairs([(x(one.threshold), y(one.precision.low or 0.0)) for one in known])
    yield path([*top, *reversed(low)], "band", closed=True)
    yield path(_stairs([(x(one.threshold), y(one.precision.rate or 0.0)) for one in known]), "curve")
    end = y(known[-1].precision.rate or 0.0)
    yield text(width - 60, end + 4, "precision", "accent")
    yield text(width - 60, end + 18, say.percent(known[-1].precision.rate))


def _recall(curve: Curve, x: Scale, z: Scale, width: int) -> Iterator[Markup]:
    yield path(
        _stairs([(x(one.threshold), z(one.recall.rate or 0.0)) for one in curve.points]), "curve second"
    )
    yield text(width - 60, z(curve.points[-1].recall.rate or 0.0) + 4, "recall", "second")


def _stairs(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the staircase from the left edge on: below the lowest score a threshold changes nothing."""
    return steps([(float(_LEFT), points[0][1]), *points])
