"""What a rerun finds does not depend on how many processes share the work."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import chances, examples
from fakes.events import DAY, START
from fakes.people import ACCOUNTS, PEOPLE, pack_of
from fakes.towns import BARRED, PEOPLE_TOO, delivered, town
from pql.adapters import shard_processes
from pql.adapters.shard_processes import Task, course_of_shard, lessons, sharded
from pql.backtest.course import Course
from pql.backtest.rerun.merged import merged
from pql.backtest.rerun.ties import Ties
from pql.core.errors import PqlError
from pql.core.event import Event, opened
from pql.core.member import teaches
from pql.core.window import MINUTE

HORIZON = 7 * DAY
AHEAD = START + 40_000 * DAY


def sent(event: Event) -> dict[str, Any]:
    """Return an event as an SDK sends it."""
    said = {
        "type": event.type,
        "messageId": event.id,
        "event": event.name or None,
        "userId": event.user,
        "anonymousId": event.anonymous,
        "groupId": event.account if event.type == "group" else None,
        "context": {"groupId": event.account} if event.account and event.type != "group" else None,
        "timestamp": _iso(event.time),
        "receivedAt": _iso(event.received),
        "properties": opened(event.properties),
        "traits": opened(event.traits),
    }
    return {name: value for name, value in said.items() if value is not None}


def _iso(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03d}Z"


def written(events: Sequence[Event], path: Path, *, parquet: bool = False) -> Path:
    """Write events as an SDK sends them."""
    items = [sent(one) for one in events]
    if parquet:
        path = path.with_suffix(".parquet")
        pq.write_table(pa.table({"line": [msgspec.json.encode(one).decode() for one in items]}), path)
    else:
        path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in items))
    return path


def sharded_here(task: Task, jobs: int) -> Course:
    """Return the course that shards come to, worked out one after the other."""
    if jobs == 1:
        return merged([course_of_shard(task, None, 0, 1)])
    ties = Ties()
    for event in lessons(task.source()):
        ties.tell(event)
    return merged([course_of_shard(task, ties, shard, jobs) for shard in range(jobs)])


@pytest.mark.parametrize("texts", [(BARRED,), (ACCOUNTS, PEOPLE), (PEOPLE_TOO,)])
@settings(max_examples=examples(14))
@given(
    rnd=chances(),
    jobs=st.integers(2, 5),
    conversions=st.sampled_from([["Order Completed"], {"ada": START + DAY, "zeta": START + 3 * DAY}]),
    parquet=st.booleans(),
)
def test_every_number_of_shards_finds_the_same(
    texts: tuple[str, ...], rnd: random.Random, jobs: int, conversions: Any, *, parquet: bool
) -> None:
    """Courses of shards add up to the course of all, in the same order and to the last word."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(delivered(town(rnd)), Path(folder) / "events.jsonl", parquet=parquet)
        task = Task(pack_of(*texts), [path], HORIZON, conversions, age=2 * DAY)
        ties = Ties()
        for event in lessons(task.source()):
            ties.tell(event)
        ties.tell_ids(conversions if isinstance(conversions, dict) else ())
        whole = course_of_shard(task, None, 0, 1)
        parts = [course_of_shard(task, ties, shard, jobs) for shard in range(jobs)]
    assert merged([whole]) == merged(parts)


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("place", [0, 7, -1])
def test_what_is_received_after_the_run_changes_nothing(place: int, jobs: int, tmp_path: Path) -> None:
    """Nobody can have received it: the data end where they would without it, and it is told."""
    events = delivered(town(random.Random(7)))  # noqa: S311 - no secret
    odd = msgspec.structs.replace(events[place], id="odd", received=AHEAD, time=AHEAD, own=AHEAD)
    rest = written(events, tmp_path / "rest.jsonl")
    mixed = written([*events[:place], odd, *events[place:]], tmp_path / "mixed.jsonl")
    now = events[-1].received
    without, found = (
        sharded_here(Task(pack_of(ACCOUNTS, PEOPLE), [path], HORIZON, ["Other"], now=now), jobs)
        for path in (rest, mixed)
    )

    assert without.qualified
    assert (0, 1) == (without.unread, found.unread)
    line = 1 + (place if place >= 0 else len(events) + place)
    assert [f"{mixed}:{line}: says that it was received after the moment of this run"] == found.places
    assert without == msgspec.structs.replace(found, unread=0, places=[])


def test_what_is_received_at_the_moment_of_the_run_is_counted(tmp_path: Path) -> None:
    """A millisecond later it is not."""
    events = delivered(town(random.Random(7)))  # noqa: S311 - no secret
    path = written(events, tmp_path / "events.jsonl")
    last = events[-1].received
    ends = [
        sharded_here(Task(pack_of(ACCOUNTS), [path], HORIZON, now=now), 1).last for now in (last, last - 1)
    ]

    assert [last, max(one.received for one in events if one.received < last)] == ends


def test_who_came_near_is_looked_for_where_it_is_asked_for(tmp_path: Path) -> None:
    """Nothing else is otherwise without it."""
    path = written(delivered(town(random.Random(7))), tmp_path / "events.jsonl")  # noqa: S311 - no secret
    near, bare = (
        course_of_shard(Task(pack_of(ACCOUNTS, PEOPLE), [path], HORIZON, near=asked), None, 0, 1)
        for asked in (True, False)
    )

    assert (True, False) == (bool(near.misses), bool(bare.misses))
    assert msgspec.structs.replace(near, misses=[]) == bare


@pytest.mark.parametrize("begun", ["as is best", "anew"])
def test_processes_find_what_one_does(begun: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In processes of their own, however they begin, and whoever waits is told how far they are."""
    if begun == "anew":
        monkeypatch.setattr(shard_processes, "_is_alone", lambda: False)
    chance = random.Random(7)  # noqa: S311 - no secret
    path = written(delivered(town(chance, most=400)), tmp_path / "events.jsonl")
    told: list[float] = []
    one, two = (
        sharded(pack_of(BARRED), [path], jobs=jobs, horizon=HORIZON, conversions=["Other"], tell=told.append)
        for jobs in (1, 2)
    )
    assert merged([one]) == two
    assert two.qualified
    assert told


def test_all_passes_end_at_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a live archive counts while they read is there for none of them; one pass alone reads all."""
    begun: list[Task] = []

    def alone(task: Task, *_: Any) -> list[Course]:
        begun.append(task)
        return [course_of_shard(task, None, 0, 1)]

    monkeypatch.setattr(shard_processes, "_in_processes", alone)
    monkeypatch.setattr(time, "time_ns", lambda: (START + MINUTE + 5) * 1_000_000)
    path = written(delivered(town(random.Random(7))), tmp_path / "events.jsonl")  # noqa: S311 - no secret
    for more in ({}, {"until": START}):
        sharded(pack_of(BARRED), [path], jobs=2, horizon=HORIZON, conversions=(), **more)

    assert [START + 5, START] == [task.until for task in begun]


def test_what_can_be_read_once_is_read_by_one() -> None:
    """Nobody waits for a second beginning of stdin."""
    with pytest.raises(PqlError, match="stdin"):
        sharded(pack_of(BARRED), ["-"], jobs=2, horizon=HORIZON, conversions=())


@pytest.mark.parametrize("line", [
    b'{"type": "group", "userId": "ada", "groupId": "acme", "messageId": "1"}',
    b'{"type":"Identify","userId":"ada","messageId":"1","traits":{}}',
    b'{"type":" group ","userId":"ada","groupId":"acme","messageId":"1"}',
    b'{"type":"\\u0067roup","userId":"ada","groupId":"acme","messageId":"1"}',
])  # fmt: skip
def test_no_call_is_missed_for_the_way_it_is_written(line: bytes, tmp_path: Path) -> None:
    """Also one without any time, which no rerun would count."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"type":"track","event":"Other","userId":"bob","messageId":"0"}\n' + line)
    found = [*lessons(Task(pack_of(BARRED), [path], HORIZON).source())]

    assert ["ada"] == [one.user for one in found]
    assert all(map(teaches, found))


def test_the_keyboard_interrupts_nobody_but_who_was_called() -> None:
    """What is begun deaf does not hear of it, and the one who began it hears again."""
    asks = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with shard_processes._deaf():
        found = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", asks], capture_output=True, check=True, text=True
        )

    assert "True\n" == found.stdout
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
