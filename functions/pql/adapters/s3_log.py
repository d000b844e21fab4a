"""The archive on S3 as something to read, to put in order and to erase from."""

from __future__ import annotations

import gzip
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from pql.adapters.archive_pieces import AHEAD, THREADS, ArchivePieces, S3Days
from pql.adapters.event_pieces import Gone
from pql.adapters.outages import code, outages
from pql.adapters.s3_archive import LEVEL, PREFIX
from pql.core.archived import Line, order_of
from pql.core.errors import Poison, Unavailable
from pql.flows.replay import Delivery, Stored
from pql.flows.shelf import Body

_LINES = msgspec.json.Decoder(Line)
_ENCODER = msgspec.json.Encoder()
_NOT_AS_READ = ("PreconditionFailed", "NoSuchKey", "412", "404")
_TOGETHER = 1_000  # objects that S3 deletes in one request


class S3Log:
    """The `Log`, `Pages` and `Shelf` ports on one bucket.

    Objects are read in the order in which they were counted, as their names tell (`pql.core.archived`). Of
    those whose names have no moment, such as what a replay counted, S3 says when they were written.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._last = ("", "")  # key and tag of what was read last
        self._expected: deque[str] = deque()
        self._fetching: dict[str, Future[tuple[bytes, str] | None]] = {}
        self._pool = ThreadPoolExecutor(THREADS)  # without a thread until something is expected

    def deliveries(self, first: str, last: str) -> Iterator[Delivery]:
        """Yield what was received on the days from `first` to `last`, in the order it was counted in.

        What is merged meanwhile may be yielded twice, and nothing is left out.
        """
        archive = ArchivePieces(S3Days(self._client, self._bucket, f"{PREFIX}/"), first, last)
        for piece in archive.pieces():
            try:
                body = b"".join(piece.chunks())
            except Gone:
                archive.look_again(piece)
            else:
                yield Delivery(piece.path, [line.event for line in _decoded(piece.path, body)])

    def stored(self, first: str = "", last: str = "") -> Iterator[Stored]:
        """Yield the objects of the days from `first` to `last`."""
        start = f"{PREFIX}/day={first}"
        for found in self._listed(start):
            key = found["Key"]
            day = key.split("/")[1].removeprefix("day=")
            if last and day > last:
                return
            name = key.rpartition("/")[2]
            order = order_of(name, int(found["LastModified"].timestamp() * 1000))
            yield Stored(key, day, order, found["Size"], found["ETag"])

    def lines(self, key: str) -> Sequence[Line]:
        """Return the lines of an object, none for one that is gone; raises `Poison` for no archive."""
        found = self._get(key)
        self._last = key, found[1] if found else ""
        return _decoded(key, found[0]) if found else []

    def standing(self, key: str) -> Sequence[Line] | None:
        """Return the lines of an object, None if it is gone; raises `Poison` for no archive."""
        found = self._get(key)
        return None if found is None else _decoded(key, found[0])

    def keep(self, key: str, lines: Sequence[Line]) -> None:
        """Leave nothing but these lines of the object that was read last; without any it stays, empty.

        One that has changed since, or is gone, stays as it is: others have seen what it is now.
        """
        read, tag = self._last
        with outages("S3"):
            try:
                self._put(key, _ENCODER.encode_lines(lines), **({"IfMatch": tag} if read == key else {}))
            except ClientError as error:
                if code(error) not in _NOT_AS_READ:
                    raise

    def expect(self, keys: Sequence[str]) -> None:
        """Fetch some of these objects ahead, as far as there is room."""
        self._expected = deque(keys)
        self._fetching.clear()
        self._fetch()

    def _fetch(self) -> None:
        while self._expected and len(self._fetching) < AHEAD:
            key = self._expected.popleft()
            self._fetching[key] = self._pool.submit(self._get, key)

    def body(self, key: str) -> Body | None:
        """Return the lines of an object as they are, None if it is gone; raises `Poison` for no archive."""
        fetching = self._fetching.pop(key, None)
        found = fetching.result() if fetching else self._get(key)
        self._fetch()
        if found is None:
            return None
        return Body([line for line in _unzipped(key, found[0]).split(b"\n") if line], found[1])

    def put(self, day: str, name: str, lines: Sequence[bytes]) -> str:
        """Store lines under a day and a name; return the key."""
        key = f"{PREFIX}/day={day}/{name}"
        with outages("S3"):
            self._put(key, b"".join(line + b"\n" for line in lines))
        return key

    def between(self, first: str, last: str) -> Mapping[str, str]:
        """Return the tags of the objects whose keys lie from `first` to `last`, by key."""
        found = {}
        for one in self._listed(first[:-1]):  # a listing begins behind what it is told
            if one["Key"] > last:
                break
            found[one["Key"]] = one["ETag"]
        return found

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; raises `Unavailable` if one of them could not be."""
        for start in range(0, len(keys), _TOGETHER):
            asked = {"Objects": [{"Key": key} for key in keys[start : start + _TOGETHER]], "Quiet": True}
            with outages("S3"):
                answer = self._client.delete_objects(Bucket=self._bucket, Delete=asked)
            if failed := answer.get("Errors"):
                raise Unavailable(f"S3: {failed[0].get('Code', 'unknown')}")

    def _listed(self, after: str) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {"StartAfter": after}
        while True:
            with outages("S3"):
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=f"{PREFIX}/day=", **more)
            yield from page.get("Contents", [])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _get(self, key: str) -> tuple[bytes, str] | None:
        with outages("S3"):
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code(error) == "NoSuchKey":
                    return None
                raise
            return found["Body"].read(), found["ETag"]

    def _put(self, key: str, lines: bytes, **more: str) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=gzip.compress(lines, LEVEL, mtime=0),
            ContentType="application/gzip",
            **more,
        )


def _unzipped(key: str, body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise Poison(f"{key} is no part of the archive: {error}") from error


def _decoded(key: str, body: bytes) -> list[Line]:
    try:
        return _LINES.decode_lines(_unzipped(key, body))
    except msgspec.MsgspecError as error:
        raise Poison(f"{key} is no part of the archive: {error}") from error
