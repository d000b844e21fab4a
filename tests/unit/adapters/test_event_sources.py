"""Sources: whatever holds events gives the same stream, in the order of their receipt."""

from __future__ import annotations

import gzip
import io
import json
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from fakes.events import DAY, START, event
from pql.adapters.event_cloud import Cloud
from pql.adapters.event_lines import LineReader, Unread
from pql.adapters.event_order import Ordered
from pql.adapters.event_sent import QuickReader, Unusual
from pql.adapters.event_sources import open_events
from pql.adapters.s3_archive import S3Archive
from pql.core.canonical import Arrival, canonical
from pql.core.errors import Poison, PqlError
from pql.core.event import Event
from pql.core.places import finder
from pql.core.plain_words import iso

CLOUD = Cloud(region="eu-central-1")


def sent(number: int, at: int, **more: Any) -> dict[str, Any]:
    """Return an event as an SDK sends it, received `at` milliseconds after the start."""
    return {
        "type": "track",
        "event": "Report Created",
        "messageId": f"m{number}",
        "userId": "ada",
        "context": {"groupId": "acme"},
        "receivedAt": iso(START + at),
        "timestamp": iso(START + at),
        **more,
    }


def lines(items: Sequence[Any]) -> bytes:
    """Return JSON lines."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def messages(what: Sequence[str | Path], cloud: Cloud = CLOUD) -> list[str | None]:
    """Return the message ids of a source's events, in its order."""
    return [one.message for one in open_events(what, cloud).events()]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of an S3 with a bucket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="eu-central-1")
        client.create_bucket(
            Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield client


@pytest.mark.parametrize("kind", ["archived", "canonical", "sent"])
@pytest.mark.parametrize("zipped", [True, False])
def test_every_kind_of_line(*, kind: str, zipped: bool, tmp_path: Path) -> None:
    """The archive's lines, canonical events and those of SDKs are read, gzipped or not."""
    one = event("m1")
    held = {
        "archived": msgspec.json.encode({"subject": "a:acme", "event": one}) + b"\n",
        "canonical": msgspec.json.encode(one) + b"\n",
        "sent": lines([sent(1, 0)]),
    }[kind]
    file = tmp_path / "events.jsonl"
    file.write_bytes(gzip.compress(held) if zipped else held)
    (found,) = open_events([file]).events()

    assert ("acme", "ada", START) == (found.account, found.user, found.received)


def test_mixed_lines_and_what_is_none(tmp_path: Path) -> None:
    """A file may mix its kinds; a line that is none is told with its place and why, blank ones are not."""
    file = tmp_path / "events.jsonl"
    archived = msgspec.json.encode({"subject": "a:acme", "event": event("m1")})
    nobody = lines([sent(3, 2, userId=None)]).strip()
    file.write_bytes(b"\n".join((archived, b"", b"{broken", lines([sent(2, 1)]).strip(), archived, nobody)))
    source = open_events([file])

    assert 3 == len([*source.events()])
    assert (
        2,
        [f"{file}:3: is no JSON object", f"{file}:6: the event has neither userId nor anonymousId"],
    ) == (
        source.unread,
        source.places,
    )


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (json.loads("[" * 33 + "]" * 33), "the event nests more than 32 levels deep"),
        ("x" * 210_000, "the event is larger than 200 KB"),
    ],
)
@pytest.mark.parametrize("around", [0, 2])
def test_what_is_too_deep_or_too_large(held: Any, why: str, around: int, tmp_path: Path) -> None:
    """Such a line is none, whatever stands beside it."""
    file = tmp_path / "events.jsonl"
    beside = [sent(number, number) for number in range(around)]
    file.write_bytes(lines([*beside, sent(9, 9, properties={"held": held}), *beside]))
    source = open_events([file])

    assert 2 * around == len([*source.events()])
    assert [f"{file}:{around + 1}: {why}"] == source.places


def test_a_file_without_an_event_is_told_beside_others(tmp_path: Path) -> None:
    """Its lines are counted and placed as those of any other are."""
    (tmp_path / "none.jsonl").write_text("hello\nyou\n")
    (tmp_path / "some.jsonl").write_bytes(msgspec.json.encode(event(1)))
    source = open_events([tmp_path / "none.jsonl", tmp_path / "some.jsonl"])
    found = [*source.events()]

    assert (1, 2) == (len(found), source.unread)
    assert ["none.jsonl:1", "none.jsonl:2"] == [
        one.rpartition("/")[2].partition(": ")[0] for one in source.places
    ]


def test_time_of_the_line_before(tmp_path: Path) -> None:
    """An event that says no time was received with the line before it; the first one cannot be."""
    file = tmp_path / "events.jsonl"
    timeless = {key: value for key, value in sent(2, 0).items() if key not in ("receivedAt", "timestamp")}
    file.write_bytes(lines([timeless, sent(1, 5), timeless]))
    source = open_events([file])

    assert [START + 5, START + 5] == [one.received for one in source.events()]
    assert [f"{file}:1: says no time at which it could have been received"] == source.places


ORDERS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=60)


@given(ORDERS)
def test_order_of_many_files(tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, int]]) -> None:
    """However events lie in files, they come out by receipt, and the same whoever reads them again."""
    directory = tmp_path_factory.mktemp("events")
    for file in range(4):
        held = [sent(number, at) for number, (where, at) in enumerate(found) if where == file]
        (directory / f"{file}.jsonl").write_bytes(lines(held))
    source = open_events([directory])
    first = [*source.events()]

    assert sorted(at for _, at in found) == [one.received - START for one in first]
    assert first == [*source.events()]
    assert 0 == source.late
    assert source.size == source.done


def test_too_far_out_of_order() -> None:
    """What is further out of order than can be held comes out where it lies, and is told."""
    ordered = Ordered(look_ahead=2)
    found = [*chain.from_iterable(ordered([event(at, at=at)] for at in (1, 3, 2, 4, 5, 6, 0, 7)))]

    assert [1, 2, 3, 4, 0, 5, 6, 7] == [one.received - START for one in found]
    assert 1 == ordered.late


def test_segments_archive(tmp_path: Path) -> None:
    """Segment's own archive is read across its sources and days, day by day."""
    for source, day, at, number in (("b", 0, 5, 2), ("a", 0, 1, 1), ("a", 1, DAY + 1, 3)):
        place = tmp_path / "segment-logs" / source / str(START + day * DAY)
        place.mkdir(parents=True)
        (place / "1.gz").write_bytes(gzip.compress(lines([sent(number, at)])))

    assert ["m1", "m2", "m3"] == messages([tmp_path])


def test_time_corrected_by_segment(tmp_path: Path) -> None:
    """Segment has taken the sender's skew out of `timestamp`: it is not taken out again."""
    file = tmp_path / "events.jsonl"
    hour = 3_600_000
    behind = {
        "originalTimestamp": iso(START - hour),
        "sentAt": iso(START - hour + 10),
        "timestamp": iso(START - 10),
    }
    file.write_bytes(lines([sent(1, 0, **behind)]))
    (found,) = open_events([file]).events()

    assert START - 10 == found.time


def test_bucket_is_a_directory(s3: Any, tmp_path: Path) -> None:
    """A prefix of a bucket gives what the same files in a directory give; other files are none."""
    held = {
        "logs/a/1.jsonl.gz": gzip.compress(lines([sent(2, 3), sent(3, 9)])),
        "logs/b/2.json": lines([sent(1, 1)]),
    }
    for key, body in {**held, "logs/README.md": b"# no", "other/3.json": lines([sent(4, 0)])}.items():
        s3.put_object(Bucket="archive", Key=key, Body=body)
    for key, body in held.items():
        (tmp_path / key).parent.mkdir(parents=True)
        (tmp_path / key).write_bytes(body)

    assert ["m1", "m2", "m3"] == messages(["s3://archive/logs"])
    assert messages([tmp_path / "logs"]) == messages(["s3://archive/logs"])


def test_objects_are_read_in_ranges(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request takes more than a range of an object, wherever the range ends."""
    monkeypatch.setattr("pql.adapters.s3_pieces.RANGE", 7)
    s3.put_object(Bucket="archive", Key="a.jsonl", Body=lines([sent(1, 1), sent(2, 2)]))

    assert ["m1", "m2"] == messages(["s3://archive/"])


def test_archive_is_read_as_it_was_counted(s3: Any, tmp_path: Path) -> None:
    """Deliveries come in the order of counting, across days, and their lines stay as they are."""
    archive = S3Archive(s3, "archive")
    batches = (
        (START + 10, [event("m2", at=5), event("m1", at=1)]),
        (START + DAY + 20, [event("m4", at=DAY + 1), event("m3", at=DAY - 1)]),
        (START + DAY + 30, [event("m5", at=6)]),
        (START + 3 * DAY, [event("m6", at=2 * DAY)]),
    )
    for counted, events in reversed(batches):
        archive.append([("a:acme", one) for one in events], f"{counted:013}-r")
    for page in s3.list_objects_v2(Bucket="archive")["Contents"]:
        file = tmp_path / page["Key"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(s3.get_object(Bucket="archive", Key=page["Key"])["Body"].read())
    expected = [event(name).id for name in ("m2", "m1", "m3", "m4", "m5", "m6")]

    assert expected == [one.id for one in open_events(["s3://archive/events"], CLOUD).events()]
    assert expected == [one.id for one in open_events([tmp_path]).events()]


def test_an_event_is_archived_under_the_day_of_its_receipt(s3: Any) -> None:
    """However long before it happened, and whenever its batch was counted."""
    S3Archive(s3, "archive").append([("a:acme", event("m1", at=0, received=DAY))], f"{START + 2 * DAY:013}-r")
    (held,) = s3.list_objects_v2(Bucket="archive")["Contents"]

    assert f"events/day={iso(START + DAY)[:10]}/{START + 2 * DAY:013}-r.jsonl.gz" == held["Key"]


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pipe brings is read as it comes; how much there is nobody knows."""
    held = io.TextIOWrapper(io.BytesIO(gzip.compress(lines([sent(1, 1)]))))
    monkeypatch.setattr("sys.stdin", held)
    source = open_events(["-"])

    assert ["m1"] == [one.message for one in source.events()]
    assert (None, None) == (source.size, source.fraction)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_mark_before_the_first_line_costs_nobody_their_event(tmp_path: Path, *, zipped: bool) -> None:
    """As programs of Windows write it; conversions may begin with one, too."""
    held = BOM_UTF8 + lines([sent(1, 0), sent(2, 1)])
    file = tmp_path / "events.jsonl"
    file.write_bytes(gzip.compress(held) if zipped else held)
    source = open_events([file])

    assert (2, 0) == (len([*source.events()]), source.unread)


def test_what_breaks_off(tmp_path: Path) -> None:
    """A gzipped file that breaks off is not taken for one that ends there."""
    file = tmp_path / "events.jsonl.gz"
    file.write_bytes(gzip.compress(lines([sent(1, 1)]))[:-9])

    with pytest.raises(Poison, match="cannot be read to its end"):
        messages([file])


def test_what_is_not_there(tmp_path: Path) -> None:
    """A name that leads nowhere, or to no events, is an error that says so."""
    with pytest.raises(PqlError, match="there is no"):
        open_events([tmp_path / "nothing"])
    with pytest.raises(PqlError, match="holds no events"):
        open_events([tmp_path])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", " ", "x", "acme", "2025-01-01T00:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "groupId", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)
FIELDS = {
    "type": st.sampled_from(["track", "identify", "group", "page", "alias", "Track", "other", 1]),
    "messageId": st.sampled_from(["m1", "", 7]),
    "userId": st.sampled_from(["ada", "", 7, "u" * 200]) | JSON,
    "anonymousId": st.sampled_from(["phone"]) | JSON,
    "previousId": JSON,
    "groupId": st.sampled_from(["acme"]) | JSON,
    "event": st.sampled_from(["Report Created", " "]) | JSON,
    "name": JSON,
    "category": JSON,
    "timestamp": st.sampled_from(["2025-01-01T00:00:00.000Z", "yesterday", 1735689600]),
    "originalTimestamp": st.sampled_from(["2025-01-01T00:00:00.000Z", "2025-01-01T00:00:09.000Z"]),
    "sentAt": st.sampled_from(["2025-01-01T00:00:05.000Z"]) | JSON,
    "receivedAt": st.sampled_from(["2025-01-01T00:00:07.000Z"]),
    "properties": JSON,
    "traits": JSON,
    "context": JSON,
}


@given(st.fixed_dictionaries({}, optional=FIELDS))  # type: ignore[arg-type]
def test_the_quick_way_is_the_careful_one(item: dict[str, Any]) -> None:
    """Whatever the quick reader takes of an SDK's event, the careful one takes, and makes the same of it."""
    try:
        found = QuickReader()(json.dumps(item).encode())
    except Unusual:
        return
    careful = LineReader("file", Unread())._from_item(item)
    assert isinstance(careful, Event)

    assert plain(careful) == plain(found)


def plain(one: Event) -> dict[str, Any]:
    """Return an event with its objects decoded: how they were written does not matter."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(one))
    return decoded


def test_the_quick_way_takes_what_sdks_send() -> None:
    """An ordinary event takes the quick way, so that the law above is about something."""
    item = sent(1, 0, properties={"a": 1})
    arrival = Arrival(START, "file", "file", finder())

    assert plain(canonical(item, 0, arrival).event) == plain(QuickReader()(json.dumps(item).encode()))
