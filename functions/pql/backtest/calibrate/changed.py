"""The numbers of a rule file that a proposal changes, each by the name that people have for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pql.backtest.calibrate.edits import Edit
from pql.backtest.calibrate.items import Items, name_of
from pql.rules.comparison import LOWER
from pql.rules.parts import Bands, Points
from pql.rules.source import Path, Source


class Change(msgspec.Struct, frozen=True):
    """One number: `what` it is for, and what it is `before` and `after`; None for what was not written."""

    what: str
    before: float | None
    after: float


def changed(items: Items, source: Source, edits: Iterable[Edit]) -> Iterator[Change]:
    """Yield what edits of the file `source` change, points before thresholds; nothing of what stays."""
    for path, number, _ in edits:
        before = source.at(path)
        if before is None or float(before) != number:
            yield Change(_said(items, path), None if before is None else float(before), number)


def _said(items: Items, path: Path) -> str:
    if path[: len(items.path)] == items.path:
        return _of_part(items, path)
    section, name, *rest = path
    if section == "rules" and rest[0] == "when" and rest[-1] in LOWER:
        return f"threshold of {name}"
    if section == "suppress":
        return f"suppress.{name}, {'.'.join(map(str, rest))}"
    return f"{name}, {'.'.join(map(str, rest))}"


def _of_part(items: Items, path: Path) -> str:
    index, key = int(path[len(items.path)]), path[-1]
    part = items.parts[index]
    told = name_of(part)
    if isinstance(part, Points):
        return told
    if not isinstance(part, Bands):
        return f"{told}, {key}"
    # An item of the fit is what a band adds to the one below; the file has what it gives with all of them.
    return f"{told} ≥ {key}{'' if float(key) == part.bounds[0] else ', in all'}"
