"""Print what the front door costs: by event, against merely reading the same bytes, and at its worst."""

from __future__ import annotations

import contextlib
import gc
import gzip
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "functions"), str(ROOT / "tests")]

from fakes.front_door import CONTEXT, WRITE_KEY, FrontDoor, gateway_event  # noqa: E402 - needs the path
from fakes.hostile_bodies import HOSTILE  # noqa: E402 - same
from pql.handlers.entry import COLLECT_AFTER  # noqa: E402 - same

ROUNDS = 15


def event(number: int) -> dict[str, Any]:
    """Return an event of about 700 bytes, of one of twenty accounts."""
    return {
        "type": "track",
        "event": "Feature Used",
        "userId": f"user_{number % 90}",
        "messageId": f"node-next-1795308354033-{number:012d}",
        "timestamp": "2026-11-22T00:46:39.000Z",
        "integrations": {},
        "properties": {
            "feature": "reports",
            "n": number,
            "label": "x" * 150,
            "nested": {"a": 1, "b": [1, 2]},
        },
        "context": {
            "groupId": f"acct_{number % 20}",
            "ip": "203.0.113.7",
            "library": {"name": "analytics-node", "version": "3.1.0"},
            "page": {"path": "/app", "url": "https://app.example.com/app", "title": "App"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        },
    }


def seconds_of(work: Callable[[], object]) -> float:
    """Return the seconds of CPU of one round of `work`: others may be at work here, too."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Interleave the door and the floor (gunzip and the standard library's reader), and compare the best."""
    logging.disable(logging.CRITICAL)
    gc.freeze()  # as the functions do
    gc.set_threshold(COLLECT_AFTER)
    for count in (1, 100, 537, 4_000):
        packed = gzip.compress(json.dumps({"batch": [event(number) for number in range(count)]}).encode())
        request = gateway_event("/v1/batch", packed, headers={"x-write-key": WRITE_KEY})
        door = FrontDoor()
        floors, doors = [], []
        with Path("/dev/null").open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # metrics
            for _ in range(ROUNDS):
                door.queue.messages.clear()
                floors.append(seconds_of(lambda packed=packed: json.loads(gzip.decompress(packed))))
                doors.append(seconds_of(lambda door=door, request=request: door.handler(request, CONTEXT)))
        took, floor = min(doors), min(floors)
        sys.stdout.write(
            f"{count:>5} events: {took * 1e3:7.2f} ms, {count / took:>8,.0f} events/s, "
            f"{took / floor:4.1f} x gunzip and json.loads, {len(door.queue.messages)} messages\n"
        )
    for name, body in HOSTILE.items():
        request = gateway_event("/v1/batch", body, headers={"x-write-key": WRITE_KEY})
        with Path("/dev/null").open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            took = min(
                seconds_of(lambda request=request: FrontDoor().handler(request, CONTEXT)) for _ in range(5)
            )
        sys.stdout.write(f"{name:<28} {len(body) / 1e3:5.0f} KB: {took * 1e3:6.1f} ms\n")


if __name__ == "__main__":
    main()
