"""Print how long each handler takes to come up in a new interpreter.

    python3 infra build && .venv/bin/python tests/bench/cold_import.py [ROUNDS]

Rounds are interleaved, so that a busy minute hits every row alike; compiled caches are warm, as in
a deployed bundle's second start. Read the ratio to `import boto3` alone: milliseconds are this machine's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "functions")]

from lambda_like import Built, built, megabytes  # noqa: E402 - after the path is set
from stack import FUNCTIONS  # noqa: E402 - same

YARDSTICK = "import boto3"


def measured(build: Built, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of each round, by what was started."""
    starts = {YARDSTICK: lambda: build.execute(YARDSTICK)}
    starts |= {name.lower(): lambda name=name: build.start(name) for name in FUNCTIONS}
    for start in starts.values():
        start()  # writes the compiled caches
    taken: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(rounds):
        for name, start in starts.items():
            taken[name].append(start().ms)
    return taken


def main(rounds: int) -> None:
    """Print one row for each handler."""
    build = built()
    taken = measured(build, rounds)
    yardstick = median(taken[YARDSTICK])
    print(f"{'':14}{'min ms':>8}{'median ms':>11}{'ratio':>7}   ({rounds} rounds, interleaved)")
    for name, each in taken.items():
        print(f"{name:14}{min(each):8.0f}{median(each):11.0f}{median(each) / yardstick:7.2f}")
    bundle, layer = megabytes(build.part("Ingest")), megabytes(build.part("Dependencies"))
    print(f"unzipped: bundle {bundle:.2f} MB, layer {layer:.2f} MB (boto3 comes from the runtime)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
