"""What a calibration rests on, in words: who was learned from, how well that ranks, what items are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pql.backtest.calibrate.calibration import Calibration, Weight
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.ranking import Area
from pql.backtest.figures import say
from pql.core.plain_words import number

_NAMES = (
    ("fitted", "fitted points"),
    ("present", "present points"),
    ("plain", "one item alone"),
    ("free", "freely fitted"),
)
_HELD = 1.0  # points: an interval that is narrower says what held it, and not what is known
_NEAR = 0.5  # points from what it is held to


def details(found: Calibration, items: Items) -> Iterator[str]:
    """Yield them, the newest stretch of time last."""
    yield from _cohort(found, items)
    if found.fitted is None:
        return
    yield ""
    if found.overlaps:
        window = say.in_days(found.within)
        yield f"all of them came within less than {window}: older and newer ones overlap in time"
    yield "ranking of newer accounts by what older ones taught (AUC; 0.5 is chance)"
    for field, name in _NAMES:
        yield f"  {name:<15} {_area(getattr(found, field))}"
    if not found.weights:
        return
    yield ""
    yield from table(_weights(found))
    if found.folds:
        yield ""
        areas = ", ".join(f"{one.area.value:.2f}" for one in found.folds)
        yield f"stretches of time, oldest first: AUC {areas}"
    yield from _chances(found)


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows in columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cohort(found: Calibration, items: Items) -> Iterator[str]:
    who = "people" if items.subject == "user" else "accounts"
    days, window = say.in_days(found.age), say.in_days(found.within)
    yield (
        f"looked at {say.several(found.subjects, who)} at the age of {days}, "
        f"of whom {number(found.conversions)} converted in the {window} after"
    )
    if found.older:
        yield (
            f"fitted to the older {number(found.older)} of them, "
            f"of whom {number(found.older_conversions)} converted"
        )
    left = (
        (found.early, "had", "had", "converted by then"),
        (found.young, "was", "were", "not that old"),
        (found.censored, "is", "are", f"known for less than {window} more"),
    )
    said = ", ".join(
        f"{number(count)} {one if count == 1 else many} {why}" for count, one, many, why in left if count
    )
    if said:
        yield f"left out: {said}"


def _area(one: Area) -> str:
    return "ranks nobody" if one.ranks_nobody else f"{one.value:.3f}  ({one.low:.3f} to {one.high:.3f})"


def _weights(found: Calibration) -> list[tuple[str, ...]]:
    had_it = f"of {number(found.older)} had it"
    rows: list[tuple[str, ...]] = [("item", "points", "fitted", "95 % interval", had_it, "converted", "")]
    for one in found.weights:
        too_few = "" if one.known else "too few to tell"
        ends = (number(one.subjects), number(one.converting), too_few)
        rows.append((one.words, f"{one.present:g}", f"{one.fitted:.0f}", _interval(one, found), *ends))
    return rows


def _interval(one: Weight, found: Calibration) -> str:
    if one.high - one.low >= _HELD:
        return f"{one.low:.0f} to {one.high:.0f}"
    # So narrow is what a weight is pulled to, or the bound of 0: people would take it for exact.
    present = [abs(each.present) for each in found.weights]
    if found.pull is not None and found.pull.equal:
        held, words = sum(present) / len(present), "held to equal points"
    else:
        held, words = abs(one.present), "held to what it was"
    return words if abs(abs(one.fitted) - held) < _NEAR else f"always about {one.fitted:.0f}"


def _chances(found: Calibration) -> Iterator[str]:
    if found.brier is None or not found.brier_base:
        return
    yield ""
    yield "chances that the model gave to newer accounts, and how many of them converted"
    rows = [
        (f"  {say.percent(one.chance)}", say.percent(one.converting.rate), say.interval(one.converting))
        for one in found.reliability
    ]
    yield from table([("  given", "converted", "95 % interval"), *rows])
    yield f"  Brier score {found.brier:.4f}; of the base rate alone {found.brier_base:.4f}"
