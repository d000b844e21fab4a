"""The archive on S3 as something to read and to erase from."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from pql.adapters.outages import outages
from pql.adapters.s3_archive import LEVEL, PREFIX
from pql.core.archived import Line
from pql.core.errors import Poison
from pql.flows.replay import Delivery, Stored

_TIMED = re.compile(r"\d{13}-")
_LINES = msgspec.json.Decoder(Line)
_ENCODER = msgspec.json.Encoder()


class S3Log:
    """The `Log` and `Pages` ports on one bucket.

    Objects are read in the order in which they were counted: the name of a delivery begins with its
    millisecond. Where an older one has none, S3 says when it was written.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def deliveries(self, first: str, last: str) -> Iterator[Delivery]:
        """Yield what was received on the days from `first` to `last`, in the order it was counted in."""
        for stored in sorted(self.stored(first, last), key=lambda one: one.order):
            yield Delivery(stored.key, [line.event for line in self.lines(stored.key)])

    def stored(self, first: str = "", last: str = "") -> Iterator[Stored]:
        """Yield the objects of the days from `first` to `last`."""
        more: dict[str, str] = {}
        while True:
            with outages("S3"):
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=f"{PREFIX}/day=", **more)
            for found in page.get("Contents", []):
                key = found["Key"]
                day = key.split("/")[1].removeprefix("day=")
                if first <= day and (not last or day <= last):
                    name = key.rpartition("/")[2]
                    written = f"{int(found['LastModified'].timestamp() * 1000):013}-"
                    yield Stored(key, day, name if _TIMED.match(name) else written + name)
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def lines(self, key: str) -> Sequence[Line]:
        """Return the lines of an object; raises `Poison` for one that is no archive."""
        with outages("S3"):
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            return _LINES.decode_lines(gzip.decompress(body))
        except (OSError, EOFError, msgspec.MsgspecError) as error:
            raise Poison(f"{key} is no part of the archive: {error}") from error

    def keep(self, key: str, lines: Sequence[Line]) -> None:
        """Leave nothing but these lines of an object; without any it is deleted."""
        with outages("S3"):
            if not lines:
                self._client.delete_object(Bucket=self._bucket, Key=key)
                return
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=gzip.compress(_ENCODER.encode_lines(lines), LEVEL, mtime=0),
                ContentType="application/gzip",
            )
