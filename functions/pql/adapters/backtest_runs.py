"""A backtest on several machines: what is asked of them, and what they hand each other by a bucket."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from pql.adapters.event_cloud import Cloud
from pql.adapters.outages import outages
from pql.adapters.shard_processes import Task
from pql.backtest.course import Course
from pql.core.places import DEFAULT_PLACES
from pql.core.window import NEVER
from pql.rules.load import parse


class Order(msgspec.Struct, frozen=True):
    """What a run is asked for: rule files by name, how many shards, and the fields of a `Task`.

    What is counted since `until` (epoch ms) no function of the run reads, whenever it lists the archive.
    """

    rules: dict[str, str]
    conversions: dict[str, int] | list[str]
    shards: int
    horizon: int
    places: tuple[str, ...] = DEFAULT_PLACES
    begin: int = 0
    end: int = sys.maxsize
    until: int = NEVER
    now: int = NEVER

    def task(self, archive: str, cloud: Cloud) -> Task:
        """Return what every shard is given, with events at `archive`; raises `RulesRejected`."""
        return Task(
            parse(self.rules),
            [archive],
            self.horizon,
            self.conversions,
            cloud=cloud,
            places=self.places,
            begin=self.begin,
            end=self.end,
            until=self.until,
            now=self.now,
        )


class Runs:
    """The bucket of runs, each under `runs/<its name>/`. All of it raises `Unavailable`.

    Whatever is written twice, as a step that is tried again does, is the same under the same key.
    """

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put_order(self, run: str, order: Order) -> None:
        """Store what is asked for, before the run begins."""
        self._put(f"runs/{run}/order.json", msgspec.json.encode(order))

    def order(self, run: str) -> Order:
        """Return what is asked for."""
        return msgspec.json.decode(self._get(f"runs/{run}/order.json"), type=Order)

    def put_part(self, run: str, name: str, pairs: dict[str, str]) -> None:
        """Store what some objects tie together (`Ties.pairs`)."""
        self._put(f"runs/{run}/ties/{name}.msgpack", msgspec.msgpack.encode(pairs))

    def parts(self, run: str) -> Iterator[dict[str, str]]:
        """Yield every part."""
        asked = {"Bucket": self._bucket, "Prefix": f"runs/{run}/ties/"}
        while True:
            with outages("S3"):
                page = self._client.list_objects_v2(**asked)
            for found in page.get("Contents", []):
                yield msgspec.msgpack.decode(self._get(found["Key"]), type=dict[str, str])
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def put_ties(self, run: str, pairs: dict[str, str]) -> None:
        """Store what all parts come to."""
        self._put(f"runs/{run}/ties.msgpack", msgspec.msgpack.encode(pairs))

    def ties(self, run: str) -> dict[str, str]:
        """Return what all parts come to."""
        return msgspec.msgpack.decode(self._get(f"runs/{run}/ties.msgpack"), type=dict[str, str])

    def put_shard(self, run: str, shard: int, course: Course) -> None:
        """Store the course of one shard."""
        self._put(_of_shard(run, shard), msgspec.msgpack.encode(course))

    def shard(self, run: str, shard: int) -> Course:
        """Return the course of one shard."""
        return msgspec.msgpack.decode(self._get(_of_shard(run, shard)), type=Course)

    def put_course(self, run: str, course: Course) -> str:
        """Store the course of all; return where it lies."""
        key = f"runs/{run}/course.json"
        self._put(key, msgspec.json.encode(course))
        return f"s3://{self._bucket}/{key}"

    def course(self, run: str) -> Course:
        """Return the course of all."""
        return msgspec.json.decode(self._get(f"runs/{run}/course.json"), type=Course)

    def _put(self, key: str, body: bytes) -> None:
        with outages("S3"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def _get(self, key: str) -> bytes:
        return stored(self._client, f"s3://{self._bucket}/{key}")


def stored(client: Any, address: str) -> bytes:
    """Return what lies at `s3://bucket/key`; raises `Unavailable`."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    with outages("S3"):
        found: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    return found


def _of_shard(run: str, shard: int) -> str:
    return f"runs/{run}/courses/{shard:04}.msgpack"
