"""The figures of a backtest as plain data, for programs."""

from __future__ import annotations

from typing import Any

import msgspec

from pql.backtest.figures.figures import Figures
from pql.core.dated import dated
from pql.core.keys import readable
from pql.core.plain_words import iso
from pql.core.window import DAY

VERSION = 1
_MOMENTS = frozenset({"first", "last", "at", "converted"})


def document(figures: Figures) -> dict[str, Any]:
    """Return the figures by the names they have in the code; moments are ISO 8601, the window is in days."""
    found: dict[str, Any] = dated(msgspec.to_builtins(figures), _MOMENTS)
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
