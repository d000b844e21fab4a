"""Print how often a rule that is well leaves its band or is called blind, looked at as the watch looks.

    .venv/bin/python tests/bench/false_alarms.py [RULE-YEARS]

Leads and events come by chance at one rate (Poisson); an alarm counts when it begins. Rules in life are less
even than this, and their bands wider. Events then stop: printed is after how long half of them are called
silent, and nine in ten.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_left
from functools import cache
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "functions"))

from pql.backtest.drift.band import Band, counts
from pql.backtest.drift.silence import silence
from pql.flows.blindness import SEEN_WEEKS

LOOKS = 4  # a day
WEEKS = 8
YEAR = 52
SEEN = SEEN_WEEKS * 7 * 24  # hours
EVENTS = {"a week": 1 / 7, "two a week": 2 / 7, "a day": 1, "four a day": 4, "an hour": 24}


@cache
def _band(weeks: tuple[int, ...]) -> Band | None:
    return counts(weeks)


def begun(chance: random.Random, mean: float, years: int) -> tuple[int, int]:
    """Return how often a rule that makes `mean` leads a week began to flood, and to run dry."""
    end = (years * YEAR + WEEKS + 1) * 7.0
    made: list[float] = []
    while not made or made[-1] < end:
        made.append((made[-1] if made else 0.0) + chance.expovariate(mean / 7))
    found = {1: 0, -1: 0}
    for side, step in ((1, 1), (-1, 7 * LOOKS)):
        was = False
        for look in range((WEEKS + 1) * 7 * LOOKS, int(end * LOOKS), step):
            ends = [bisect_left(made, look / LOOKS - 7 * ago) for ago in range(WEEKS + 2)]
            this, *before = (late - early for late, early in pairwise(ends))
            band = _band(tuple(sorted(before)))
            out = band is not None and band.side(this) == side
            found[side] += out and not was
            was = out
    return found[1], found[-1]


def arrived(chance: random.Random, rate: float) -> list[int]:
    """Return the hours in which what comes `rate` times a day came in a year and what is seen before it."""
    hours, at = set(), 0.0
    while at < SEEN + 365 * 24:
        hours.add(int(at))
        at += chance.expovariate(rate / 24)
    return sorted(hours)


def called_silent(hours: list[int]) -> int:
    """Return how often what comes in these hours is called silent in the year, at the end of a gap."""
    outages: list[int] = []
    for place, (since, comes) in enumerate(pairwise(hours)):
        if since >= SEEN and comes - since > 1:
            known = hours[bisect_left(hours, comes - SEEN) : place + 1]
            if silence(known, comes - 1, outages):
                outages.append(since)
    return len(outages)


def noticed(hours: list[int]) -> float:
    """Return how many days after the last of these hours it is called silent; infinity for never."""
    last = hours[-1]
    for now in range(last, last + SEEN, 24 // LOOKS):
        if silence(hours[bisect_left(hours, now - SEEN) :], now):
            return (now - last) / 24
    return float("inf")


def main(years: int) -> None:
    """Print a row for each rate."""
    print("one event      called silent, a year: well   stopped, after days: half  nine in ten")
    for name, rate in EVENTS.items():
        chance = random.Random(name)
        lives = [arrived(chance, rate) for _ in range(years)]
        wrong = sum(called_silent(hours) for hours in lives) / years
        days = sorted(noticed(hours) for hours in lives)
        half, most = days[years // 2], days[years * 9 // 10]
        print(f"{name:12}   {wrong:27.3f}   {half:26.1f}  {most:11.1f}", flush=True)
    print("leads a week   of 30 rules, a year: floods  droughts")
    for mean in (1, 5, 20, 100):
        chance = random.Random(mean)
        floods = droughts = 0
        for _ in range(years):
            flood, drought = begun(chance, mean, 1)
            floods, droughts = floods + flood, droughts + drought
        print(f"{mean:12}   {30 * floods / years:26.2f}  {30 * droughts / years:8.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
