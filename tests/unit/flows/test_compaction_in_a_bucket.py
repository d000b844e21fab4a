"""Compacting the archive on S3: the same for every reader, and what is no archive is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from fakes.compacting import FIRST, compact
from fakes.events import DAY, HOUR, START, event, group
from fakes.memory_shelf import MemoryShelf
from fakes.people import pack_of
from fakes.towns import BARRED
from pql.adapters.archive_pieces import ArchivePieces, S3Days
from pql.adapters.event_pieces import Gone
from pql.adapters.event_sources import EventSource, open_events
from pql.adapters.s3_archive import S3Archive
from pql.adapters.s3_log import S3Log
from pql.adapters.shard_processes import Task, lessons
from pql.core.archived import Line
from pql.core.event import Event
from pql.core.places import DEFAULT_PLACES
from pql.flows.compaction import Compacted


@pytest.fixture
def bucket() -> Iterator[Any]:
    """Return a client of an S3 with a bucket named `archive`."""
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        client.create_bucket(Bucket="archive")
        yield client


def test_in_a_bucket(bucket: Any, tmp_path: Any) -> None:
    """On S3 it is the same: few objects, the same stream for every reader, and a second run is idle."""
    archive = S3Archive(bucket, "archive")
    for number in range(20):
        counted = START + number * 3 * HOUR
        events = [event((number, at), at=number * 3 * HOUR - at * HOUR) for at in range(2) if number]
        archive.append([("a:acme", one) for one in events], f"{counted:013}-r{number:02}")
    log = S3Log(bucket, "archive")
    before = [one.id for delivery in log.deliveries("", "") for one in delivery.events]
    found = compact(log, target=1000)
    held = bucket.list_objects_v2(Bucket="archive")["Contents"]

    assert found.gone > found.made > 0
    assert before == [one.id for delivery in log.deliveries("", "") for one in delivery.events]
    assert Compacted() == compact(log, run=1)
    for one in held:
        file = tmp_path / one["Key"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bucket.get_object(Bucket="archive", Key=one["Key"])["Body"].read())
    assert before == [one.id for one in open_events([tmp_path]).events()]


def test_what_has_no_moment_in_its_name_was_counted_when_it_was_written(bucket: Any) -> None:
    """What a replay counted, say: on S3 and in memory alike."""
    names = [f"{START:013}-r", "replay-r"]
    log = S3Log(bucket, "archive")
    keys = [log.put(FIRST, f"{name}.jsonl.gz", []) for name in names]
    written = int(bucket.head_object(Bucket="archive", Key=keys[1])["LastModified"].timestamp() * 1000)
    shelf = MemoryShelf(written=written)
    for name in names:
        shelf.put(FIRST, f"{name}.jsonl.gz", [])

    expected = [(START, f"{names[0]}.jsonl.gz"), (written, f"{written:013}-replay-r.jsonl.gz")]
    assert [expected] * 2 == [[(one.counted_at, one.order) for one in held.stored()] for held in (log, shelf)]


@pytest.mark.parametrize("ahead", [1, 3, 32])
def test_read_while_it_is_compacted(bucket: Any, ahead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that has listed what is merged meanwhile misses nothing and keeps the order."""
    monkeypatch.setattr("pql.adapters.archive_pieces.AHEAD", ahead)
    archive = S3Archive(bucket, "archive")
    for number in range(9):
        archive.append([("a:acme", event(number, at=number))], f"{START + number:013}-r")
    log = S3Log(bucket, "archive")
    reading = log.deliveries("", "")
    found = [next(reading).events[0].id for _ in range(2)]
    compact(log, target=4)
    found += [one.id for delivery in reading for one in delivery.events]

    assert [event(number).id for number in range(9)] == [*dict.fromkeys(found)]


def grouped(number: int) -> Event:
    """Return a call that ties a user of its own to the account."""
    return group(number, user=f"u{number}", account="acme", at=number)


@pytest.mark.parametrize("ahead", [1, 3, 32])
def test_who_belongs_together_is_found_while_it_is_compacted(
    bucket: Any, ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pass over group calls, too, reads what was merged meanwhile where it is then."""
    monkeypatch.setattr("pql.adapters.archive_pieces.AHEAD", ahead)
    archive = S3Archive(bucket, "archive")
    for number in range(9):
        archive.append([("a:acme", grouped(number))], f"{START + number:013}-r")
    reading = lessons(EventSource([], [ArchivePieces(S3Days(bucket, "archive"))], DEFAULT_PLACES))
    found = [next(reading).user]
    compact(S3Log(bucket, "archive"), target=4)
    found += [one.user for one in reading]

    assert {f"u{number}" for number in range(9)} == {*found}


def test_every_pass_sees_what_the_first_did(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted after a moment is not there for those who read up to it, however late they look."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    archive = S3Archive(bucket, "archive")
    task = Task(pack_of(BARRED), ["s3://archive/events/"], 7 * DAY, until=START + 3)
    seen = []
    for number in range(6):
        archive.append([("a:acme", grouped(number))], f"{START + number:013}-r")
        ties = [one.user for one in lessons(task.source())]
        seen.append((len(ties), [*ties] == [one.user for one in task.source().events()]))

    assert [(1, True), (2, True), (3, True), (3, True), (3, True), (3, True)] == seen


def test_what_is_gone_of_a_part_of_an_archive_is_told(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a prefix within a day is named nothing is listed again, and nothing left out in silence."""
    monkeypatch.setattr("pql.adapters.archive_pieces.AHEAD", 1)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    archive = S3Archive(bucket, "archive")
    for number in range(4):
        archive.append([("a:acme", event(number, at=number))], f"{START + number:013}-r")
    reading = open_events([f"s3://archive/events/day={FIRST}/"]).events()
    next(reading)
    compact(S3Log(bucket, "archive"))
    with pytest.raises(Gone, match="start again"):
        list(reading)


def test_an_object_that_is_gone_stays_so(bucket: Any) -> None:
    """What an erasure has read and a compaction has deleted or changed since is not written again."""
    log = S3Log(bucket, "archive")
    line = msgspec.json.encode(Line("a:acme", event(1)))
    key = log.put(FIRST, "1735689600000-r.jsonl.gz", [line])
    log.lines(key)
    log.delete([key])
    log.keep(key, [])

    assert log.body(key) is None
    assert [] == [*log.lines(key)]
    assert log.standing(key) is None


def test_what_is_no_archive_is_left_alone(bucket: Any) -> None:
    """An object that cannot be read stays where it is, is told, and nothing is merged across it."""
    archive = S3Archive(bucket, "archive")
    for number in range(4):
        archive.append([("a:acme", event(number, at=number))], f"{START + number * 10:013}-r")
    bucket.put_object(Bucket="archive", Key=f"events/day={FIRST}/{START + 15:013}-x.jsonl.gz", Body=b"no")
    found = compact(S3Log(bucket, "archive"), target=1000)

    assert 1 == len(found.unread)
    assert (4, 2) == (found.gone, found.made)
