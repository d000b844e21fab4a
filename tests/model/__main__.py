"""Check the protocol on the large scopes: `python tests/model [workers] [name of a scope]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from model.checker import explore
from model.protocol import Protocol
from model.scopes import LARGE, SMALL
from model.workers import Workers


def main(workers: int, part: str) -> int:
    """Print the verdict on every scope whose name has `part` in it and return how many are bad."""
    bad = 0
    for name, scope in {**SMALL, **LARGE}.items():
        if part not in name:
            continue
        begun = time.perf_counter()
        model = Workers(scope, Protocol())
        verdict = explore(scope.start(workers), model.steps, model.fault, model.finished)
        took = time.perf_counter() - begun
        print(f"{name}: {verdict.states:,} states, {verdict.fault or 'ok'}, {took:.0f} s")  # noqa: T201 - a command prints
        for step in verdict.trace:
            print("   ", step)  # noqa: T201 - a command prints
        bad += verdict.fault is not None
    return bad


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2, " ".join(sys.argv[2:])))
