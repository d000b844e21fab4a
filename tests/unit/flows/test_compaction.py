"""Compacting the archive: no line is lost, the order of counting stays, wherever it is interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple

import boto3
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from fakes.chances import examples
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
from pql.core.erasure import Whom
from pql.core.errors import Conflict, Poison
from pql.core.event import Event
from pql.core.keys import user_key
from pql.core.places import DEFAULT_PLACES
from pql.flows.compaction import Compacted, Compaction
from pql.flows.erase import Erasure
from pql.flows.holdings import Receipt
from pql.flows.replay import Stored
from pql.flows.shelf import Body

FIRST, LAST = "2025-01-01", "2025-01-04"
NOW = START + 30 * DAY
ADA = Whom(keys=frozenset({user_key("ada")}))


class Delivered(NamedTuple):
    """Events that were counted at `at` (minutes after the start), by (minute of receipt, user)."""

    at: int
    events: tuple[tuple[int, str], ...]


class Stopped(Exception):
    """Somebody has pulled the plug."""


class Watched(MemoryShelf):
    """A shelf that calls `before` with the number of each call before it is made."""

    def __init__(self, held: Mapping[str, Body], before: Callable[[int], None]) -> None:
        super().__init__(dict(held))
        self._calls = count()
        self._before = before

    def stored(self, first: str = "", last: str = "") -> Iterator[Stored]:
        """List, all of it at one moment."""
        self._before(next(self._calls))
        return iter([*super().stored(first, last)])

    def body(self, key: str) -> Body | None:
        """Read."""
        self._before(next(self._calls))
        return super().body(key)

    def put(self, day: str, name: str, lines: Sequence[bytes]) -> str:
        """Write."""
        self._before(next(self._calls))
        return super().put(day, name, lines)

    def between(self, first: str, last: str) -> Mapping[str, str]:
        """List a range."""
        self._before(next(self._calls))
        return super().between(first, last)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete, and be stopped between any two objects."""
        for key in keys:
            self._before(next(self._calls))
            super().delete([key])


DELIVERIES = st.lists(
    st.builds(
        Delivered,
        st.integers(0, 3 * 24 * 60),
        st.lists(
            st.tuples(st.integers(0, 3 * 24 * 60), st.sampled_from(["ada", "ben"])), min_size=1, max_size=3
        ).map(tuple),
    ),
    max_size=7,
)
# Many at the same moment, around midnight.
CROWDED = st.lists(
    st.builds(
        Delivered,
        st.integers(24 * 60 - 2, 24 * 60 + 3),
        st.lists(
            st.tuples(st.integers(24 * 60 - 3, 24 * 60 + 1), st.sampled_from(["ada", "ben"])),
            min_size=1,
            max_size=3,
        ).map(tuple),
    ),
    max_size=7,
)


def shelved(deliveries: Sequence[Delivered]) -> dict[str, Body]:
    """Return the objects that deliveries leave; some lines are delivered twice."""
    shelf = MemoryShelf()
    for number, one in enumerate(deliveries):
        held: dict[str, list[bytes]] = {}
        for minute, user in one.events:
            happened = event((minute, user), at=min(minute, one.at) * 60_000, user=user)
            day = f"2025-01-{1 + min(minute, one.at) // (24 * 60):02}"
            held.setdefault(day, []).append(msgspec.json.encode(Line("a:acme", happened)))
        for day, lines in held.items():
            shelf.put(day, f"{START + one.at * 60_000:013}-r{number:02}.jsonl.gz", lines)
    return shelf.held


def compact(shelf: Any, target: int = 4, run: int = 0, **more: Any) -> Compacted:
    """Compact all days; every run has tokens of its own, later ones later tokens."""
    return compact_at(shelf, NOW, target, run, **more)


def compact_at(shelf: Any, now: int, target: int, run: int, **more: Any) -> Compacted:
    """Compact as of a moment."""
    tokens = count()
    compaction = Compaction(shelf, now, lambda: f"{run:02}x{next(tokens):04}", target)
    return compaction.run(FIRST, LAST, **more)


def stream(shelf: MemoryShelf) -> list[str]:
    """Return the ids of all events in the order of counting, repeats left out."""
    return [*dict.fromkeys(one.id for delivery in shelf.deliveries() for one in delivery.events)]


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED)
def test_the_order_of_counting_stays(deliveries: list[Delivered]) -> None:
    """The compacted archive is read as it was before, and compacting it again changes nothing."""
    shelf = MemoryShelf(shelved(deliveries))
    before = stream(shelf)
    compact(shelf)
    after = dict(shelf.held)

    assert before == stream(shelf)
    assert Compacted() == compact(shelf, run=1)
    assert after == shelf.held


def test_many_become_few() -> None:
    """A day of small objects becomes few of the wanted size, which lie under their day."""
    shelf = MemoryShelf(shelved([Delivered(at, ((at, "ada"),)) for at in range(100)]))
    found = compact(shelf, target=30)

    assert [30, 30, 30, 10] == [len(body.lines) for _, body in sorted(shelf.held.items())]
    assert (100, 4, {"2025-01-01": 100}) == (found.gone, found.made, found.days)


def test_what_was_counted_at_one_moment_is_never_parted() -> None:
    """However many there are: what follows a merged object was counted after all of it."""
    shelf = MemoryShelf(
        shelved([Delivered(at, ((at, "ada"), (at, user))) for at in (3, 5) for user in "abcde"])
    )
    compact(shelf)

    assert [(START + 3 * 60_000, 6), (START + 5 * 60_000, 6)] == [
        (one.counted_at, len(shelf.held[one.key].lines)) for one in shelf.stored()
    ]


def test_what_was_delivered_twice_is_written_once() -> None:
    """Where it was counted first, and it is told how often that was."""
    shelf = MemoryShelf(shelved([Delivered(at, ((0, "ada"), (at, "ben"))) for at in (1, 2, 3)]))
    found = compact(shelf, target=100)

    assert (2, stream(shelf)) == (found.repeats, [one.id for one in everything(shelf.held)])


def test_what_lies_under_the_day_before_the_first_is_compacted_with_the_day_it_was_counted_on() -> None:
    """It was received just before midnight; nobody else would look for it."""
    held = [Delivered(24 * 60 + at, ((24 * 60 - 1, user),)) for at, user in ((1, "ada"), (2, "ben"))]
    shelf = MemoryShelf(shelved(held))
    found = Compaction(shelf, NOW, lambda: "t").run("2025-01-02", "2025-01-02")

    assert (2, 1, {"2025-01-02": 2}) == (found.gone, found.made, found.days)
    assert [FIRST] == [one.day for one in shelf.stored()]


def test_what_is_counted_days_later_is_still_known_when_its_day_comes() -> None:
    """Whatever is merged of the day between."""
    between = [Delivered(24 * 60 + at, ((24 * 60 + at, "ada"),)) for at in (1, 2)]
    shelf = MemoryShelf(shelved([*between, *(Delivered(48 * 60 + at, ((at, "ben"),)) for at in (1, 2))]))

    assert {"2025-01-02": 2, "2025-01-03": 2} == compact(shelf).days


def test_what_is_counted_at_midnight_is_of_the_day_that_begins() -> None:
    """It is not merged with what was counted a minute before, though it lies under the same day."""
    minute = 24 * 60 - 1
    shelf = MemoryShelf(shelved([Delivered(minute + later, ((minute, "ada"),)) for later in (0, 1)]))

    assert Compacted() == compact(shelf)


def test_what_a_stopped_compaction_wrote_brings_nothing_back() -> None:
    """It ends with what it was made of, while that is there: whatever was taken out of that meanwhile."""

    class Stopping(MemoryShelf):
        def delete(self, keys: Sequence[str]) -> None:
            raise Stopped

    shelf = Stopping(shelved([Delivered(at, ((at, "ada"), (at + 9, "ben"))) for at in (10, 11)]))
    made_of = [*shelf.held]
    with suppress(Stopped):
        compact(shelf)
    left = MemoryShelf({**shelf.held})
    for key in made_of:
        left.keep(key, [line for line in left.lines(key) if line.event.user == "ben"])
    compact(left, run=1)

    assert (3, 1) == (len(shelf.held), len(left.held))
    assert {"ben"} == {one.user for one in everything(left.held)}


def test_nothing_is_deleted_where_somebody_has_taken_away_what_was_written() -> None:
    """It was read back, and is gone before all is held against the archive."""

    class Taken(MemoryShelf):
        def between(self, first: str, last: str) -> Mapping[str, str]:
            return {key: tag for key, tag in super().between(first, last).items() if "_" not in key}

    shelf = Taken(shelved([Delivered(at, ((at, "ada"),)) for at in range(3)]))
    before = dict(shelf.held)
    with pytest.raises(Conflict):
        compact(shelf)

    assert before == shelf.held


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 60))
def test_stopped_anywhere(deliveries: list[Delivered], call: int) -> None:
    """Stopped before any call, what is there is read the same, and the next run does the rest."""

    def stop(number: int) -> None:
        if number == call:
            raise Stopped

    whole = MemoryShelf(shelved(deliveries))
    expected = stream(whole)
    shelf = Watched(shelved(deliveries), stop)
    with suppress(Stopped):
        compact(shelf)
    left = MemoryShelf(shelf.held)

    assert expected == stream(left)
    compact(left, run=1)
    assert expected == stream(left)
    assert Compacted() == compact(left, run=2)
    lines = [line for body in left.held.values() for line in body.lines]
    compact(whole)
    assert {line for body in whole.held.values() for line in body.lines} == set(lines)


def disturbed(held: Mapping[str, Body], call: int, stopped: int, other: Callable[[Any], object]) -> Watched:
    """Return a shelf on which somebody else acts before a call, and is stopped before one of their own."""

    def stop(number: int) -> None:
        if number == stopped:
            raise Stopped

    def another(number: int) -> None:
        if number == call:
            theirs = Watched({}, stop)
            theirs.held = shelf.held
            with suppress(Stopped):
                other(theirs)

    shelf = Watched(held, another)
    return shelf


def test_what_was_written_is_read_back_before_anything_is_deleted() -> None:
    """Where a line of it is missing everything stays, and it is told."""

    class Torn(MemoryShelf):
        def put(self, day: str, name: str, lines: Sequence[bytes]) -> str:
            return super().put(day, name, lines[:-1])

    shelf = Torn(shelved([Delivered(at, ((at, "ada"),)) for at in range(3)]))
    before = dict(shelf.held)
    with pytest.raises(Conflict):
        compact(shelf)

    assert before == shelf.held


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 60), st.integers(0, 60))
def test_two_at_once(deliveries: list[Delivered], call: int, stopped: int) -> None:
    """Another compaction between any two calls, of another size and stopped anywhere, takes nothing away."""
    shelf = disturbed(shelved(deliveries), call, stopped, lambda other: compact(other, target=3, run=1))
    expected = stream(MemoryShelf(shelved(deliveries)))
    compact(shelf)

    assert expected == stream(MemoryShelf(shelf.held))


def test_what_lies_under_an_earlier_day_may_be_merged_by_another_meanwhile() -> None:
    """It was counted a day after it was received: whoever is overtaken looks for it anew."""
    held = shelved([Delivered(24 * 60 + at, ((at, "ada"),)) for at in range(4)])
    expected = stream(MemoryShelf(held))
    for call in range(30):
        shelf = disturbed(held, call, -1, lambda other: compact(other, run=1))
        compact(shelf)
        assert expected == stream(MemoryShelf(shelf.held)), call


@pytest.mark.parametrize(("mine", "others"), [(6, 4), (4, 6), (5, 4), (5, 5)])
def test_two_at_once_by_different_clocks(mine: int, others: int) -> None:
    """Forced, each up to an hour before its own clock, at any call and stopped anywhere: no line is lost."""
    held = shelved([Delivered(60 * hour, ((60 * hour, "ada"),)) for hour in (1, 2, 3, 4)])
    expected = stream(MemoryShelf(held))

    def left(call: int, stopped: int) -> tuple[list[str], int]:
        """Return what is left if the other runs before a call, and how many calls there were."""
        theirs = START + others * HOUR
        shelf = disturbed(held, call, stopped, lambda other: compact_at(other, theirs, 100, 1, force=True))
        compact_at(shelf, START + mine * HOUR, 100, 0, force=True)
        return stream(MemoryShelf(shelf.held)), next(shelf._calls)

    for call in range(left(-1, -1)[1]):
        for stopped in range(40):
            assert expected == left(call, stopped)[0], (call, stopped)


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 60), st.integers(0, 60))
def test_an_erasure_beside_it(deliveries: list[Delivered], call: int, stopped: int) -> None:
    """Whatever is erased between any two calls stays erased, if the compaction is stopped and repeated."""

    def erased(number: int) -> None:
        if number == call:
            erase(MemoryShelf(shelf.held))
        if number == stopped > call:
            raise Stopped

    shelf = Watched(shelved(deliveries), erased)
    kept = [one.id for one in everything(shelved(deliveries)) if one.user != "ada"]
    with suppress(Stopped):
        compact(shelf)
    left = MemoryShelf(shelf.held)
    compact(left, run=1)

    if call < next(shelf._calls):  # the erasure came
        assert {"ben"} >= {one.user for one in everything(left.held)}
    assert [one for one in stream(left) if one in kept] == [*dict.fromkeys(kept)]


def test_what_is_erased_before_any_call_stays_erased() -> None:
    """What was read is held against the archive once more before anything of it is deleted."""
    held = shelved([Delivered(at, ((at, "ada"), (at + 9, "ben"))) for at in range(10, 14)])
    for call in range(30):
        shelf = disturbed(held, call, -1, lambda other: erase(MemoryShelf(other.held)))
        compact(shelf)
        if call < next(shelf._calls):
            assert {"ben"} == {one.user for one in everything(shelf.held)}, call


@settings(max_examples=examples(28))
@given(DELIVERIES | CROWDED, st.integers(0, 40))
def test_it_beside_an_erasure(deliveries: list[Delivered], call: int) -> None:
    """A compaction between any two calls of an erasure hides nothing from it."""

    class Pages(MemoryShelf):
        calls = count()

        def lines(self, key: str) -> Sequence[Line]:
            """Read."""
            self.beside()
            return super().lines(key)

        def keep(self, key: str, lines: Sequence[Line]) -> None:
            """Write."""
            self.beside()
            super().keep(key, lines)

        def beside(self) -> None:
            """Compact, once."""
            if next(self.calls) == call:
                compact(MemoryShelf(self.held))

    shelf = Pages(shelved(deliveries))
    shelf.calls = count()
    kept = [one.id for one in everything(shelf.held) if one.user != "ada"]
    erase(shelf)

    assert {"ben"} >= {one.user for one in everything(shelf.held)}
    assert [*dict.fromkeys(kept)] == stream(MemoryShelf(shelf.held))


def erase(shelf: MemoryShelf) -> None:
    """Erase Ada from the archive."""
    nobody: Any = None
    erasure = Erasure(nobody, ADA, NOW, 45, write=True, pause=lambda _: None)
    erasure.archive(shelf, ADA, Receipt(NOW, 0))


def everything(held: Mapping[str, Body]) -> list[Any]:
    """Return all events, in the order of counting."""
    return [one for delivery in MemoryShelf(dict(held)).deliveries() for one in delivery.events]


@pytest.mark.parametrize(("force", "expected"), [(False, 2), (True, 1)])
def test_what_still_grows(*, force: bool, expected: int) -> None:
    """The last two days are left alone, unless forced: then the last hour is."""
    shelf = MemoryShelf(shelved([Delivered(0, ((0, "ada"),)), Delivered(5, ((5, "ada"),))]))
    compaction = Compaction(shelf, START + 2 * HOUR, lambda: "t")
    compaction.run(FIRST, FIRST, force=force)

    assert expected == len(shelf.held)
    Compaction(shelf, START + HOUR, lambda: "u").run(FIRST, FIRST, force=True)
    assert expected == len(shelf.held)


@pytest.mark.parametrize(("ago", "left"), [(2 * DAY - 1, 2), (2 * DAY, 1)])
def test_yesterday_still_grows(ago: int, left: int) -> None:
    """Until its night is over, wherever one is."""
    shelf = MemoryShelf(shelved([Delivered(0, ((0, "ada"),)), Delivered(5, ((5, "ada"),))]))
    compact_at(shelf, START + ago, 4, 0)

    assert left == len(shelf.held)


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


def test_what_is_no_archive_is_told_once() -> None:
    """Also where its day is begun anew, since somebody has changed what was read."""

    class Changing(MemoryShelf):
        looks = count()

        def body(self, key: str) -> Body | None:
            if key.endswith("-r01.jsonl.gz"):
                raise Poison(key)
            return super().body(key)

        def between(self, first: str, last: str) -> Mapping[str, str]:
            return super().between(first, last) if next(self.looks) else {}

    shelf = Changing(shelved([Delivered(at, ((at, "ada"),)) for at in (0, 1, 2, 3)]))
    found = compact(shelf, target=1000)

    assert (2, 1) == (found.gone, found.made)
    assert [f"{FIRST}/{START + 60_000:013}-r01.jsonl.gz"] == found.unread
