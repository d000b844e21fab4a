"""Whether a backtest finds on the workload what the live engine finds: the same bytes, the same leads.

    python tests/bench/agreement.py [--events 20000] [--days 3]

The live engine is `process` and the waker over the store in memory, an event at a time. It ends with an
error where they differ, in the aggregates of any account, a lead, or what was counted, repeated or late.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [
    str(Path(__file__).parent),
    *(str(ROOT / one) for one in ("functions", "tests", "tests/laws")),
]

from test_rerun import HORIZON, check  # noqa: E402 - after the path is set
from workload import bodies, events_of, twelve_pack  # noqa: E402 - same

from pql.backtest.rerun.rerun import rerun  # noqa: E402 - same


def main() -> None:
    """Hold both against each other, and print what they agree on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=3, help="the days that the events are spread over")
    chosen = parser.parse_args()
    events = sorted(events_of([*bodies(chosen.days, chosen.events)]), key=lambda one: one.received)
    pack = twelve_pack()
    check(pack, events, live=100)
    found = rerun(pack, events, horizon=HORIZON, conversions=(), rehearsed=False)
    print(
        f"{len(events):,} events, {found.counted:,} counted, {found.repeats:,} repeats, {found.late:,} late: "
        f"{len(found.subjects):,} subjects with the same bytes, the same {len(found.qualified):,} leads"
    )


if __name__ == "__main__":
    main()
