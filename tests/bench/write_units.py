"""Write units per event for the live workload, by size of batch, computed from item bytes.

python tests/bench/write_units.py [--days 3] [--events 200000] [--first N] [--batches 1,10,100,1000,10000]

The units are split by what they are for (counting alone, the leads that come of it, and waking accounts every
five minutes), then by kind of item. Those of accounts once more: a write, more than a KB that is bare of
ids, ids beside it, transactions with a lead. `typical` is what an event of the account takes that half
of the accounts take less than. For a look, `--batches 1000 --first 60000` takes a tenth of the time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "functions")]

from metered_store import MeteredStore  # noqa: E402 - after the path is set
from workload import bodies, events_of, twelve_rules  # noqa: E402 - same

from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine  # noqa: E402 - same
from pql.core.envelope import encode  # noqa: E402 - same
from pql.core.event import Event  # noqa: E402 - same
from pql.core.keys import account_key  # noqa: E402 - same
from pql.core.window import DAY  # noqa: E402 - same
from pql.flows import count  # noqa: E402 - same
from pql.flows.ports import Store  # noqa: E402 - same
from pql.flows.process import Processor  # noqa: E402 - same
from pql.flows.wake import Waker  # noqa: E402 - same

CAUSES = ("write", "bare", "ids", "transaction")
PURPOSES = ("counting", "leads", "wakes")
# As often as the schedule of `sweep` says.
WAKING = 300_000
KINDS = ("account", "seen", "lead", "member", "move", "index", "edition")


def main() -> None:
    """Print a row for each size of batch."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--first", type=int, help="only so many of the events")
    parser.add_argument("--batches", default="1,10,100,1000,10000")
    options = parser.parse_args()
    events = events_of(list(islice(bodies(options.days, options.events), options.first)))
    print(f"{len(events):,} deliveries over {options.days} days, 12 rules; write units per delivered event")
    print(
        f"{'batch':>6} {'total':>7} "
        + " ".join(f"{purpose:>8}" for purpose in PURPOSES)
        + "   "
        + " ".join(f"{kind:>8}" for kind in KINDS)
        + "   median/p99 account item "
        + " ".join(f"{cause:>11}" for cause in CAUSES)
        + "  typical"
    )
    counted = Counter(account_key(event.account) for event in events if event.account)
    for size in map(int, options.batches.split(",")):
        store = run(events, size)
        per = {kind: store.units[kind] / len(events) for kind in KINDS}
        sizes = [size for (_, sk), size in store.sizes.items() if sk == "state"]
        spread = f"{statistics.median(sizes):.0f} / {statistics.quantiles(sizes, n=100)[98]:.0f} B"
        print(
            f"{size:>6,} {sum(per.values()):>7.3f} "
            + " ".join(f"{store.purposes[purpose] / len(events):>8.4f}" for purpose in PURPOSES)
            + "   "
            + " ".join(f"{per[k]:>8.4f}" for k in KINDS)
            + f"   {spread:>23} "
            + " ".join(f"{store.causes[cause] / len(events):>11.4f}" for cause in CAUSES)
            + f"  {statistics.median(store.by_subject[one] / counted[one] for one in counted):.3f}",
            flush=True,
        )


def run(events: list[Event], size: int) -> MeteredStore:
    """Return what writing the events in batches of `size` costs."""
    store = MeteredStore()
    process(events, size, store)
    return store


def process(events: list[Event], size: int, store: Store) -> None:
    """Process the events in batches of `size`, one message each, into an empty store, and wake accounts."""
    plan = twelve_rules()
    counter = count.Counter(store, plan, 45, lambda _: None)
    waker = Waker(store, plan)
    wakes = events[0].received + WAKING
    archive, quarantine = MemoryArchive(), MemoryQuarantine()
    processor = Processor(store, counter, archive, quarantine, horizon=7 * DAY, pause=lambda _: None)
    counted = 0
    for start in range(0, len(events), size):
        while wakes <= events[start].received:
            waker.run(wakes, lambda: 60_000)
            wakes += WAKING
        body = encode(events[start : start + size])
        outcome = processor.process([("message", body)], "batch", events[start].received, lambda: 60.0)
        if outcome.failed:
            raise RuntimeError(f"a batch of {size} was not processed")
        counted += outcome.counts["EventsCounted"]
    if counted != len({(event.account, event.id) for event in events}):
        raise RuntimeError("an event was lost or counted twice")


if __name__ == "__main__":
    main()
