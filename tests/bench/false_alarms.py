"""Print how often a rule that is well leaves its band, looked at as the watch looks.

    .venv/bin/python tests/bench/false_alarms.py [RULE-YEARS]

Leads come by chance at one rate (Poisson); an alarm counts when it begins. Rules in life are less even than
this, and their bands wider.
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

LOOKS = 4  # a day
WEEKS = 8
YEAR = 52


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


def main(years: int) -> None:
    """Print a row for each rate."""
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
