"""Fitted weights as points of a rule file: rounded as the score is written, and where they go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pql.backtest.calibrate.edits import Edit
from pql.backtest.calibrate.items import Items
from pql.rules.parts import Bands, Per, Points, Weighted
from pql.rules.source import Path, Source


def grain(items: Items) -> float:
    """Return in what steps the points of a score are written: fives, whole ones or tenths."""
    given = [abs(number) for part in items.parts for number in _numbers(part)]
    for step in (5.0, 1.0):
        if all(number % step == 0 for number in given):
            return step
    return 0.1


def rounded(number: float, step: float) -> float:
    """Return the nearest number of whole steps, halves away from 0."""
    steps = int(abs(number) / step + 0.5)
    return round(steps * step, 6) * (-1 if number < 0 else 1)


def levelled(worth: Sequence[float], apart: float) -> list[float]:
    """Return the mean of their kind for numbers that lie less than `apart` from the least of it."""
    groups: list[list[int]] = []
    for index in sorted(range(len(worth)), key=worth.__getitem__):
        if groups and worth[index] - worth[groups[-1][0]] < apart:
            groups[-1].append(index)
        else:
            groups.append([index])
    found = [*worth]
    for group in groups:
        for index in group:
            found[index] = sum(worth[one] for one in group) / len(group)
    return found


def point_edits(items: Items, source: Source, worth: Sequence[float]) -> Iterator[Edit]:
    """Yield the edits that give each item of the score the points it is `worth`.

    Items that are worth almost the same get the same: rounding is to make nothing differ that does not.
    """
    step = grain(items)
    of_part: dict[int, list[float]] = {}
    level = levelled(worth, step / 2)
    for item, exact, points in zip(items.items, worth, level, strict=True):
        is_rounded = isinstance(items.parts[item.part], (Points, Bands))
        of_part.setdefault(item.part, []).append(points if is_rounded else exact)
    for index, found in of_part.items():
        part, path = items.parts[index], (*items.path, index)
        if isinstance(part, Points):
            yield Edit((*path, "points"), rounded(found[0], step))
        elif isinstance(part, Per):
            yield from _per(part, path, found[0])
        elif isinstance(part, Bands):
            yield from _bands(part, path, source, found, step)
        elif isinstance(part, Weighted):
            weight = round(found[0] / items.extent(part), 2)
            yield Edit((*path, "weight"), weight, (*path, "score"))


def _per(part: Per, path: Path, points: float) -> Iterator[Edit]:
    """Yield the points of one unit, in two digits, and a cap at as many units as before."""
    units = part.up_to / abs(part.points)
    unit = float(f"{points / units:.2g}")
    yield Edit((*path, "points"), unit)
    if unit:
        yield Edit((*path, "up_to"), round(abs(unit) * units, 6))


def _bands(part: Bands, path: Path, source: Source, added: Sequence[float], step: float) -> Iterator[Edit]:
    """Yield the points of each band: what it and those below it add."""
    keys = {float(key): key for key in source.at((*path, "bands"))}
    total = 0.0
    for bound, more in zip(part.bounds, added, strict=True):
        total += more
        yield Edit((*path, "bands", keys[bound]), rounded(total, step))


def _numbers(part: Points | Per | Bands | Weighted) -> Iterator[float]:
    if isinstance(part, Points):
        yield part.points
    elif isinstance(part, Per):
        yield part.up_to
    elif isinstance(part, Bands):
        yield from part.bands.values()
