"""Shares with the interval that their numbers allow."""

from __future__ import annotations

import math

import msgspec

Z = 1.959963984540054  # the normal quantile that leaves 2.5 % above it


class Share(msgspec.Struct, frozen=True):
    """So many `hits` of `of`, as a share with its 95 % interval; the shares are None of nothing."""

    hits: int
    of: int
    rate: float | None
    low: float | None
    high: float | None


class Lift(msgspec.Struct, frozen=True):
    """How many times the base rate a precision is.

    The interval is that of the precision over the base rate as measured: the base rate's own error is
    left out, for it comes of many more accounts.
    """

    times: float
    low: float
    high: float


def share(hits: int, of: int) -> Share:
    """Return `hits` of `of` with its 95 % Wilson score interval (Wilson 1927, no continuity correction)."""
    if of <= 0:
        return Share(hits, of, None, None, None)
    rate, squared = hits / of, Z * Z
    middle = (rate + squared / (2 * of)) / (1 + squared / of)
    half = Z / (1 + squared / of) * math.sqrt(rate * (1 - rate) / of + squared / (4 * of * of))
    # At 0 and 1 the interval ends there; rounding would else leave it a hair beside.
    low = 0.0 if hits == 0 else middle - half
    high = 1.0 if hits == of else middle + half
    return Share(hits, of, rate, low, high)


def lift(precision: Share, base: Share) -> Lift | None:
    """Return precision over base rate; None where either is unknown or nobody converts at all."""
    if precision.rate is None or precision.low is None or precision.high is None or not base.rate:
        return None
    return Lift(precision.rate / base.rate, precision.low / base.rate, precision.high / base.rate)
