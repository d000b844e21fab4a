"""A calibration in words for a terminal: what was learned from, whether it ranks, and what it proposes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pql.backtest.calibrate.calibration import Calibration, Weight
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.proposal import Effect, Proposal
from pql.backtest.calibrate.ranking import Area, Gain
from pql.backtest.figures import say
from pql.backtest.figures.summary import judged
from pql.core.plain_words import DAY, counted, number

_MANY = 5_000  # conversions, above which no count is given for a signal that is next to none
_NAMES = (
    ("fitted", "fitted points"),
    ("present", "present points"),
    ("plain", "one item alone"),
    ("free", "freely fitted"),
)


def told(found: Calibration, items: Items) -> Iterator[str]:
    """Yield what fitting found."""
    who = "people" if items.subject == "user" else "accounts"
    days, window = found.age // DAY, found.within // DAY
    yield (
        f"{items.path[1]}: {number(found.subjects)} {who} at the age of {counted(days, 'day')}, "
        f"{number(found.conversions)} converted in the {window} days after"
    )
    left = (
        (found.early, "had converted by then"),
        (found.young, "were not that old"),
        (found.censored, f"are known for less than {window} days more"),
    )
    said = ", ".join(f"{number(count)} {why}" for count, why in left if count)
    if said:
        yield f"left out: {said}"
    if found.verdict == "few":
        yield (
            f"too few: {counted(found.conversions, 'conversion')} of at least {found.needed} in several "
            "stretches of time. Nothing is proposed."
        )
        return
    yield ""
    if found.overlaps:
        yield f"all of them came within less than {window} days: older and newer ones overlap in time"
    yield "ranking of newer accounts by what older ones taught (AUC; 0.5 is chance)"
    for field, name in _NAMES:
        one: Area = getattr(found, field)
        yield f"  {name:<15} {one.value:.3f}  ({one.low:.3f} to {one.high:.3f})"
    yield ""
    yield from _judged(found)


def proposed(found: Calibration, made: Proposal) -> Iterator[str]:
    """Yield the proposal, its effect, and the tests of the file that it breaks."""
    if made.missed:
        yield f"not reached: {made.missed}"
    if not made.diff:
        yield "nothing to change"
    else:
        yield ""
        yield made.diff.rstrip("\n")
    if made.effects:
        yield ""
        since = "" if found.since is None else f" since {say.date(found.since - found.age)}"
        yield f"on the {number(made.accounts)} first seen{since}, of whom nothing was learned:"
        yield from _table([_HEAD, *(row for one in made.effects for row in _rows(one, bool(made.diff)))])
    if made.failing:
        yield ""
        tests = counted(len(made.failing), "test")
        yield f"{tests} in {made.name} would fail; what they expect is for you to say:"
        yield from (f"  {one}" for one in made.failing)


_HEAD = ("rule", "", "accounts", "precision", "95 % interval", "recall", "lift", "lead time", "a week")


def _judged(found: Calibration) -> Iterator[str]:
    fitted, gain = found.fitted, found.gain
    if fitted is None or gain is None:
        return
    if found.verdict == "none":
        yield (
            f"no signal: the interval {fitted.low:.3f} to {fitted.high:.3f} is not above 0.5. "
            "Nothing is proposed."
        )
        if found.needed is not None and found.needed <= _MANY:
            yield (
                f"an area of {fitted.value:.3f} would be told from chance by about {number(found.needed)} "
                f"conversions in newer accounts; there are {fitted.conversions}"
            )
        return
    yield from _table(_weights(found.weights))
    yield ""
    if found.folds:
        areas = ", ".join(f"{one.area.value:.2f}" for one in found.folds)
        yield f"stretches of time, oldest first: AUC {areas}"
    if found.brier is not None and found.brier_base:
        yield (
            f"chances: Brier {found.brier:.4f}, of the base rate alone {found.brier_base:.4f}; given → "
            "converted: "
            + ", ".join(
                f"{say.percent(one.chance)} → {say.percent(one.converting.rate)}" for one in found.reliability
            )
        )
    if found.verdict == "kept" and gain.low > 0:
        yield "the points stay: what was known before the newest came is too little to move them by"
    elif found.verdict == "kept":
        yield (
            "the points stay: what older accounts teach ranks newer ones no better "
            f"({_signed(gain)}, and the interval is not above 0)"
        )
    else:
        yield f"the fitted points rank newer accounts better: AUC {_signed(gain)}"


def _signed(gain: Gain) -> str:
    return f"{gain.value:+.3f}, {gain.low:+.3f} to {gain.high:+.3f}"


def _weights(weights: Sequence[Weight]) -> list[tuple[str, ...]]:
    head = ("item", "points", "fitted", "95 % interval", "had it", "converted", "")
    rows: list[tuple[str, ...]] = [head]
    for one in weights:
        too_few = "" if one.known else "too few to tell: kept"
        interval = _interval(one)
        ends = (number(one.subjects), number(one.converting), too_few)
        rows.append((one.words, f"{one.present:g}", f"{one.fitted:.0f}", interval, *ends))
    return rows


def _interval(one: Weight) -> str:
    low, high, kept = (f"{points:.0f}" for points in (one.low, one.high, one.present))
    return "held to what it was" if low == high == kept else f"{low} to {high}"


def _rows(one: Effect, is_changed: bool) -> Iterator[tuple[str, ...]]:  # noqa: FBT001 - a plain fact
    sides = (("before", one.before), ("after", one.after)) if is_changed else (("now", one.before),)
    for side, group in sides:
        yield (
            one.rule,
            side,
            number(group.accounts),
            *judged(group),
        )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
