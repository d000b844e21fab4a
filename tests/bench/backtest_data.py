"""Events for the backtest's figures: as SDKs send them, in lines and in Parquet, or as in the archive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from generate_events import SEED, generate

DAY = 86_400_000
# So many at once: the generator holds all it makes.
STRETCH = 250_000
Row = dict[str, Any]


def rows(events: int, days: int) -> Iterator[Row]:
    """Yield flat events in the order of receipt: in time, but for repeats, which come later.

    The workload of `generate_events`, in stretches that follow each other; an account keeps its plan.
    """
    stretches = -(-events // STRETCH)
    plans: dict[int, str] = {}
    for number in range(stretches):
        share, seen = min(STRETCH, events - number * STRETCH), set()
        since = number * days * DAY // stretches
        made = []
        for received, (name, account, user, plan, at, message, _, _) in generate(
            share, days / stretches, late=0, seed=SEED + number
        ):
            is_repeat = message in seen
            seen.add(message)
            made.append(
                {
                    "message_id": message,
                    "account": f"acct_{account:06d}",
                    "user": f"usr_{user:08d}",
                    "event": name,
                    "plan": plans.setdefault(account, plan),
                    "at": at + since,
                    "received": (received if is_repeat else at) + since,
                }
            )
        yield from sorted(made, key=lambda one: one["received"])


def write_lines(events: Iterator[Row], path: Path) -> None:
    """Write events as SDKs send them, a JSON object a line."""
    with path.open("w") as out:
        for one in events:
            body = {
                "type": "track",
                "event": one["event"],
                "messageId": one["message_id"],
                "userId": one["user"],
                "timestamp": _iso(one["at"]),
                "receivedAt": _iso(one["received"]),
                "context": {"groupId": one["account"]},
                "properties": {"plan": one["plan"]},
            }
            out.write(json.dumps(body, separators=(",", ":")) + "\n")


def write_archive(events: Iterator[Row], path: Path) -> None:
    """Write events as the archive holds them."""
    with path.open("wb") as out:
        for one in events:
            event = {
                "id": hashlib.sha256(one["message_id"].encode()).hexdigest()[:32],
                "type": "track",
                "received": one["received"],
                "time": one["at"],
                "own": one["at"],
                "name": one["event"],
                "account": one["account"],
                "user": one["user"],
                "properties": {"plan": one["plan"]},
            }
            out.write(msgspec.json.encode({"subject": f"a:{one['account']}", "event": event}) + b"\n")


def write_parquet(events: Iterator[Row], path: Path) -> None:
    """Write events as a warehouse holds them: a column for each field."""
    import pyarrow as pa  # noqa: PLC0415 - large, and an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    found = [*events]
    moments = pa.timestamp("ms", tz="UTC")
    pq.write_table(
        pa.table(
            {
                "message_id": [one["message_id"] for one in found],
                "user_id": [one["user"] for one in found],
                "event": [one["event"] for one in found],
                "timestamp": pa.array([one["at"] for one in found], moments),
                "received_at": pa.array([one["received"] for one in found], moments),
                "context_group_id": [one["account"] for one in found],
                "plan": [one["plan"] for one in found],
            }
        ),
        path,
    )


def _iso(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03d}Z"
