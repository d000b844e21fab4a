"""The archive on S3: gzipped JSON lines, one object a delivery and day."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from pql.adapters.outages import outages
from pql.core.archived import ENDING, Line
from pql.core.event import Event
from pql.core.times import day_of

PREFIX = "events"
LEVEL = 6


class S3Archive:
    """The `Archive` port on one bucket.

    Objects are `events/day=<UTC day of receipt>/<batch>.jsonl.gz`, so that a day is one prefix and
    Athena, DuckDB and `aws s3 cp` read it as it is. A redelivery repeats lines; readers tell them
    apart by the event's `id`.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def append(self, lines: Sequence[tuple[str, Event]], batch: str) -> None:
        """Store (subject, event) pairs under the day of each event's `received`."""
        days: dict[str, list[Line]] = defaultdict(list)
        for subject, event in lines:
            days[day_of(event.received)].append(Line(subject, event))
        for day, held in days.items():
            with outages("S3"):
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=f"{PREFIX}/day={day}/{batch}{ENDING}",
                    Body=gzip.compress(msgspec.json.Encoder().encode_lines(held), LEVEL, mtime=0),
                    ContentType="application/gzip",
                )
