"""Objects of a bucket as pieces to read: in ranges, so that a slow reader holds no connection open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from pql.adapters.event_pieces import Gone, Piece
from pql.adapters.outages import code, outages

RANGE = 4 * 1024 * 1024


def days(client: Any, bucket: str, prefix: str) -> list[str]:
    """Return the days under a prefix of an archive (`events/`), in order."""
    found: list[str] = []
    for page in _pages(client, Bucket=bucket, Prefix=f"{prefix}day=", Delimiter="/"):
        found += [one["Prefix"].rpartition("day=")[2].rstrip("/") for one in page.get("CommonPrefixes", [])]
    return sorted(found)


def pieces(client: Any, bucket: str, prefix: str) -> Iterator[Piece]:
    """Yield the objects whose keys begin with a prefix, by their keys; raises `Unavailable`."""
    for page in _pages(client, Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            one = piece(client, bucket, found["Key"], found["Size"], found["ETag"])
            yield one._replace(written=int(found["LastModified"].timestamp() * 1000))


def piece(client: Any, bucket: str, key: str, size: int, tag: str) -> Piece:
    """Return an object that somebody else has listed; when it was written stays unsaid."""
    name = f"s3://{bucket}/{key}"
    return Piece(name, key, size, lambda: _chunks(client, bucket, key, size, tag), tag=tag)


def _chunks(client: Any, bucket: str, key: str, size: int, tag: str) -> Iterator[bytes]:
    for start in range(0, size, RANGE):
        last = min(start + RANGE, size) - 1
        with outages("S3"):
            try:
                found = client.get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{last}", IfMatch=tag)
            except ClientError as error:
                if code(error) in ("NoSuchKey", "PreconditionFailed", "404", "412"):
                    raise Gone(f"s3://{bucket}/{key} has changed while it was read: start again") from error
                raise
            body = found["Body"].read()
        yield body


def _pages(client: Any, **asked: Any) -> Iterator[dict[str, Any]]:
    while True:
        with outages("S3"):
            page = client.list_objects_v2(**asked)
        yield page
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]
