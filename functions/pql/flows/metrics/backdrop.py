"""What the leads of rules are held against: how many of everybody convert."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pql.backtest.figures.figures import Figures
from pql.backtest.figures.say import no_rate
from pql.backtest.figures.wilson import Share


class Backdrop(NamedTuple):
    """What events tell of everybody: the base rates by kind, why one is not known, and when they `began`."""

    bases: Mapping[str, Share] = MappingProxyType({})
    unknown: Mapping[str, str] = MappingProxyType({})
    began: int | None = None


def backdrop_of(found: Figures) -> Backdrop:
    """Return what figures tell of accounts and of people."""
    rates: dict[str, Share] = {about: one.rate for about, one in found.bases.items()}
    unknown = {
        about: no_rate(one, found.window, found.first, found.last)
        for about, one in found.bases.items()
        if one.rate.rate is None
    }
    return Backdrop(rates, unknown, found.first)
