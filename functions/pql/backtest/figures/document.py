"""The figures of a backtest as plain data, for programs."""

from __future__ import annotations

from typing import Any

import msgspec

from pql.backtest.figures.figures import Figures
from pql.core.keys import readable
from pql.core.plain_words import DAY, iso

VERSION = 1
_MOMENTS = frozenset({"first", "last", "at", "converted"})


def document(figures: Figures) -> dict[str, Any]:
    """Return the figures by the names they have in the code; moments are ISO 8601, the window is in days."""
    found = _timed(msgspec.to_builtins(figures))
    found["window_days"] = None if figures.window is None else figures.window / DAY
    del found["window"]
    found["weeks"] = [iso(week)[:10] for week in figures.weeks]
    for base, known in figures.bases.items():
        found["bases"][base]["converted"] = known.converted
    for pair, overlap in zip(found["overlaps"], figures.overlaps, strict=True):
        pair["jaccard"] = round(overlap.jaccard, 6)
    for miss in found["misses"]:
        miss["name"] = readable(miss["subject"])
    return {"version": VERSION, **found}


def _timed(value: Any) -> Any:
    if isinstance(value, list):
        return [_timed(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: iso(one) if key in _MOMENTS and isinstance(one, int) else _timed(one)
        for key, one in value.items()
    }
