"""What rules are worth on real events before and after `pql calibrate`, on accounts nothing was learned from.

    python tests/bench/datasets.py FOLDER [--only cncf-members] [--json FILE]

FOLDER holds data sets as folders of `events.jsonl.gz` and `conversions.csv`; those without rules in
`tests/bench/rules` are left out, and said. Points and thresholds are learned from older accounts, every
figure is of those that came later.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "functions")]

from pql.adapters.event_sources import open_events  # noqa: E402 - after the path is set
from pql.backtest.calibrate.aim import Aim  # noqa: E402 - same
from pql.backtest.calibrate.calibrated import told  # noqa: E402 - same
from pql.backtest.calibrate.calibration import calibrate  # noqa: E402 - same
from pql.backtest.calibrate.cohort import cohort  # noqa: E402 - same
from pql.backtest.calibrate.items import Items  # noqa: E402 - same
from pql.backtest.calibrate.proposal import propose  # noqa: E402 - same
from pql.backtest.course import Course  # noqa: E402 - same
from pql.backtest.figures import say  # noqa: E402 - same
from pql.backtest.rerun.conversions import conversions  # noqa: E402 - same
from pql.backtest.rerun.rerun import rerun  # noqa: E402 - same
from pql.core.window import DAY  # noqa: E402 - same
from pql.rules.load import parse  # noqa: E402 - same
from pql.rules.pack import Pack  # noqa: E402 - same


class Trial(NamedTuple):
    """A data set, its rules, and how it is looked at; times in days."""

    rules: str
    score: str
    age: int
    within: int
    aim: Aim
    lateness: int = 7


TRIALS = {
    # Most of these events are told of years later: all of them are taken.
    "cncf-members": Trial("cncf.yaml", "membership", 90, 365, Aim(precision=0.06), 4_000),
    "cdnow-repeat": Trial("cdnow.yaml", "loyalty", 30, 180, Aim()),
}


def main() -> None:
    """Print a table, and what each calibration found."""
    options = _options()
    found: dict[str, Any] = {}
    rows = [("data set", "rule", "", "base", "precision", "95 %", "recall", "lift", "lead time", "a week")]
    for folder in sorted(one for one in options.folder.iterdir() if one.is_dir()):
        trial = TRIALS.get(folder.name)
        if trial is None or options.only not in (None, folder.name):
            print(f"{folder.name}: left out")
            continue
        found[folder.name] = _tried(folder, trial, rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


def _tried(folder: Path, trial: Trial, rows: list[tuple[str, ...]]) -> dict[str, Any]:
    begun = time.perf_counter()
    texts = {trial.rules: (Path(__file__).parent / "rules" / trial.rules).read_text()}
    pack = parse(texts)
    with (folder / "conversions.csv").open() as lines:
        won = conversions(lines, "conversions.csv")

    def again(other: Pack, age: int | None = None) -> Course:
        events = open_events([folder / "events.jsonl.gz"]).events()
        return rerun(other, events, horizon=trial.lateness * DAY, conversions=won, age=age)

    items = Items(pack, trial.score)
    course = again(pack, trial.age * DAY)
    found = calibrate(cohort(course, items, trial.age * DAY, trial.within * DAY), items.items)
    print(f"{folder.name}:")
    made = propose(texts, items, found, course, again, trial.aim) if found.since else None
    print("\n".join(f"  {line}".rstrip() for line in told(found, items, made)))
    for one in made.effects if made is not None else []:
        for side, group, weekly in (
            ("before", one.before, one.weekly_before),
            ("after", one.after, one.weekly_after),
        ):
            rows.append(
                (
                    folder.name,
                    one.rule,
                    side,
                    say.percent(one.base.rate),
                    say.percent(group.precision.rate),
                    say.interval(group.precision),
                    say.percent(group.recall.rate),
                    say.times(group.lift),
                    say.days(group.lead_time.median),
                    say.a_week(weekly),
                )
            )
    seconds = time.perf_counter() - begun
    print(f"  {seconds:.0f} s, reruns among them\n")
    return {"verdict": found.verdict, "seconds": seconds, "diff": made.diff if made is not None else ""}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
