"""Events per second through the pure step, as a ratio to the typed decode of the same events.

    python tests/bench/step.py [--days 3] [--events 200000] [--rounds 5] [--by-account]

With `--by-account` the events of an account come one after the other, as a replay of the archive takes
them, instead of as they arrived: one account is then live at a time, and not 2,000.

Every round times, one after the other and in slices of 1,000: the typed decode of the bodies as
sent (seven fields), the decode of the canonical events, and that decode with dedup, fold and twelve
rules per event on top. The ratio is within a round; its median over the rounds is the figure.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "functions")]

from workload import Typed, bodies, encoded, events_of, twelve_rules  # noqa: E402 - after the path is set

from pql.core.aggregates.distinct import HASHES  # noqa: E402 - same
from pql.core.event import Event  # noqa: E402 - same
from pql.engine.account import Account  # noqa: E402 - same
from pql.engine.plan import Plan  # noqa: E402 - same
from pql.engine.step import step  # noqa: E402 - same
from pql.handlers.entry import COLLECT_AFTER  # noqa: E402 - same

BATCH = 1_000


def main() -> None:
    """Print the figures."""
    options = _options()
    wire, canonical = _prepared(options.days, options.events, by_account=options.by_account)
    gc.freeze()  # as the handlers do once they are built
    gc.set_threshold(COLLECT_AFTER)  # same
    typed = msgspec.json.Decoder(Typed)
    decode = msgspec.json.Decoder(Event)
    plan = twelve_rules()
    for name in {decode.decode(line).name for line in canonical[:BATCH]}:
        plan.fold("track", name)
    rounds = []
    for _ in range(options.rounds):
        floor = _timed(lambda: _decoded(typed.decode, wire))
        reading = _timed(lambda: _decoded(decode.decode, canonical))
        whole = _timed(lambda: _folded(plan, decode.decode, canonical))
        rounds.append((floor, reading, whole))
    n = len(wire)
    floor, reading, whole = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"{n:,} events over {options.days} days, 12 rules judged per event, batches of {BATCH:,}")
    print(f"typed decode of 7 fields   {floor / n * 1e9:7.0f} ns/event  {n / floor:10,.0f} events/s")
    print(f"decode of canonical events {reading / n * 1e9:7.0f} ns/event  {n / reading:10,.0f} events/s")
    print(f"decode + dedup + step      {whole / n * 1e9:7.0f} ns/event  {n / whole:10,.0f} events/s")
    step_only = whole - reading
    print(f"dedup + step alone         {step_only / n * 1e9:7.0f} ns/event  {n / step_only:10,.0f} events/s")
    ratio = statistics.median(w / f for f, _, w in rounds)
    print(f"ratio to the typed decode  {ratio:7.2f}  (target: at most 4.0)")
    print(f"ratio of the step alone    {statistics.median((w - r) / f for f, r, w in rounds):7.2f}")


def _prepared(days: int, events: int, *, by_account: bool) -> tuple[list[bytes], list[bytes]]:
    """Return the bodies as sent and the canonical events; nothing else of them stays in memory."""
    sent = list(bodies(days, events))
    canonical = events_of(sent)
    if by_account:
        canonical.sort(key=lambda event: event.account or "")
    return encoded(sent), [msgspec.json.encode(event) for event in canonical]


def _decoded(decode: Callable[[bytes], object], lines: list[bytes]) -> None:
    for start in range(0, len(lines), BATCH):
        for line in lines[start : start + BATCH]:
            decode(line)


def _folded(plan: Plan, decode: Callable[[bytes], Event], lines: list[bytes]) -> int:
    HASHES.clear()
    accounts: dict[str | None, Account] = {}
    seen: dict[str | None, set[str]] = {}
    fired = 0
    for start in range(0, len(lines), BATCH):
        by_account: dict[str | None, list[Event]] = {}
        for line in lines[start : start + BATCH]:
            event = decode(line)
            events = by_account.get(event.account)
            if events is None:
                by_account[event.account] = [event]
            else:
                events.append(event)
        for name, events in by_account.items():
            account = accounts.get(name)
            if account is None:
                account = accounts[name] = plan.account(f"a:{name}")
                seen[name] = set()
            known = seen[name]
            for event in events:
                if event.id not in known:
                    known.add(event.id)
                    fired += len(step(plan, account, event))
    return fired


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--by-account", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
