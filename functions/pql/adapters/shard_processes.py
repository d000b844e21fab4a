"""A rerun in several processes: each reads all events and counts those of its own subjects.

What can ever be counted together is found first, by a pass that looks at group and identify calls alone.
An event of somebody else's is read as far as whose it is, which takes a fraction of what counting does.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from pql.adapters.blocks import blocks
from pql.adapters.event_cloud import Cloud
from pql.adapters.event_lines import LineReader, Unread
from pql.adapters.event_pieces import Piece, is_read_once
from pql.adapters.event_sources import EventSource, open_events
from pql.backtest.course import Course
from pql.backtest.rerun.labels import Conversions, Labels
from pql.backtest.rerun.merged import merged
from pql.backtest.rerun.rerun import Rerun
from pql.backtest.rerun.ties import Ties
from pql.core.errors import PqlError
from pql.core.event import Event
from pql.core.keys import account_key, anonymous_key, user_key
from pql.core.member import teaches
from pql.core.places import DEFAULT_PLACES
from pql.core.window import MINUTE, NEVER
from pql.engine.plan import Plan
from pql.rules.pack import Pack

_PAUSE = 0.2
_SETTLED = MINUTE  # a delivery is archived within its function's half minute
_RECEIVED = attrgetter("received")
# What no line of such a call is without, in whatever case and however its letters are escaped.
_TELLING = (b'group"', b"identify", b"group ", b"\\u00")
# So that calls without any time are read as well: who belongs together is no question of time.
_CLOCK = b'{"type":"page","userId":"-","messageId":"-","receivedAt":"2000-01-01T00:00:00.000Z"}\n'


class Task(msgspec.Struct, frozen=True):
    """What every process is given; the fields are those of `pql.backtest.rerun.rerun.rerun`.

    `what` and `cloud` say where the events are, `begin` and `end` (epoch ms) which of them are taken. What an
    archive in a bucket has counted since `until` is not there for any of them, whenever it looks. Who came
    `near` a lead is told unless it is not asked for: it may take longer than all the rest. What says that it
    was received after `now` (epoch ms) is told with the lines that are no events.
    """

    pack: Pack
    what: Sequence[str | Path]
    horizon: int
    conversions: Conversions = ()
    age: int | None = None
    rehearsed: bool = True
    cloud: Cloud | None = None
    places: Sequence[str] = DEFAULT_PLACES
    begin: int = 0
    end: int = sys.maxsize
    until: int = NEVER
    near: bool = True
    now: int = NEVER

    @property
    def takes_all(self) -> bool:
        """Return whether no event is passed over for when it was received."""
        return self.begin <= 0 and self.end == sys.maxsize

    def source(self) -> EventSource:
        """Return the events, to be read from their beginning."""
        return open_events(self.what, self.cloud, places=self.places, until=self.until, now=self.now)


def sharded(
    pack: Pack,
    what: Sequence[str | Path],
    *,
    jobs: int,
    horizon: int,
    conversions: Conversions,
    tell: Callable[[float], None] | None = None,
    **more: Any,
) -> Course:
    """Return the course that events take under the rules of `pack`, worked out by `jobs` processes.

    It is the same for every number of them, but that several read of a live archive what it had counted a
    minute ago. `what` is read by each, and once more before: neither stdin nor a pipe.
    `tell` is told how far it is, from 0 to 1, `more` are other fields of a `Task`. Raises as the sources do.
    """
    if jobs > 1 and is_read_once(what):
        raise PqlError("stdin and pipes can be read once: several jobs need files")
    task = Task(pack, what, horizon, conversions, **more)
    if jobs > 1 and task.until == NEVER:
        task = msgspec.structs.replace(task, until=settled())
    if jobs == 1:
        return course_of_shard(task, None, 0, 1, tell)
    return merged([*_in_processes(task, jobs, tell)])


def settled() -> int:
    """Return up to which moment (epoch ms) all that was counted is in the archive by now."""
    return time.time_ns() // 1_000_000 - _SETTLED


def lessons(source: EventSource, places: Sequence[str] = DEFAULT_PLACES) -> Iterator[Event]:
    """Yield the group and identify calls of a source, without reading much of anything else.

    They come in no order, and twice where an archive is compacted meanwhile.
    """

    def read(piece: Piece) -> Iterator[Event]:
        reader = LineReader(piece.name, Unread(), places)
        reader.block(_CLOCK)
        found = _of_rows(piece, reader) if piece.is_parquet else _of_lines(piece, reader)
        yield from (event for event in found if teaches(event))

    return source.each(read)


def course_of_shard(
    task: Task, ties: Ties | None, shard: int, jobs: int, tell: Callable[[float], None] | None = None
) -> Course:
    """Return the course of the subjects in one shard; without ties, of all."""
    source = task.source()
    mine = None if ties is None else Mine(ties, shard, jobs)
    one = Rerun(
        task.pack,
        horizon=task.horizon,
        conversions=task.conversions,
        age=task.age,
        mine=mine,
        rehearsed=task.rehearsed,
    )
    wanted = None if mine is None else _Wanted(mine, one.plan, Labels(task.conversions))
    for block in source.blocks(wanted):
        taken = (
            block if task.takes_all else [event for event in block if task.begin <= event.received < task.end]
        )
        if wanted is not None and taken:
            one.see(min(map(_RECEIVED, taken)))
            one.see(max(map(_RECEIVED, taken)))
            taken = [event for event in taken if event.id]
        for event in taken:
            one.take(event)
        if tell is not None:
            tell(source.fraction or 0.0)
    course = one.finish(near=task.near)
    course.unread, course.places = source.unread, [*source.places]
    return course


class Mine:
    """Whether a subject is counted in one of the shards; remembers the answers."""

    def __init__(self, ties: Ties, shard: int, jobs: int) -> None:
        self._ties, self._shard, self._jobs = ties, shard, jobs
        self._known: dict[str, bool] = {}

    def __call__(self, key: str) -> bool:
        """Return whether the subject of `key` is."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._ties.shard(key, self._jobs) == self._shard
        return known


class _Wanted:
    """Whether a shard must look at an event, by what is first known of it (`event_sent.Wanted`)."""

    def __init__(self, mine: Mine, plan: Plan, labels: Labels) -> None:
        self._mine = mine
        self._labels = labels
        self._tells = labels.are_told
        self._has_people = plan.people is not None
        self._accounts: dict[str, bool] = {}

    def __call__(
        self, kind: str, name: str, account: str | None, user: str | None, anonymous: str | None
    ) -> bool:
        if account is not None:
            is_mine = self._accounts.get(account)
            if is_mine is None:
                is_mine = self._accounts[account] = self._mine(account_key(account))
            if is_mine:
                return True
            if kind == "track" and not self._has_people and not (self._tells and self._labels.is_name(name)):
                return False
        if user and self._mine(user_key(user)):
            return True
        return bool(anonymous) and self._mine(anonymous_key(anonymous or ""))


def _of_lines(piece: Piece, reader: LineReader) -> Iterator[Event]:
    yield from _of_blocks(blocks(piece.chunks(), piece.name), reader)


def _of_blocks(found: Iterator[bytes], reader: LineReader) -> Iterator[Event]:
    for block in found:
        if not _is_telling(block):
            continue
        for line in block.split(b"\n"):
            if line and _is_telling(line):
                yield from reader.block(line)


def _is_telling(text: bytes) -> bool:
    text = text.lower()
    return any(one in text for one in _TELLING)


def _of_rows(piece: Piece, reader: LineReader) -> Iterator[Event]:
    from pql.adapters.event_parquet import teaching  # noqa: PLC0415 - pyarrow is an extra

    yield from _of_blocks(teaching(piece), reader)


def _tied(task: Task) -> Ties:
    """Return who can ever be counted together."""
    ties = Ties()
    for event in lessons(task.source(), task.places):
        ties.tell(event)
    ties.tell_ids(task.conversions if isinstance(task.conversions, dict) else ())
    return ties


def _in_processes(task: Task, jobs: int, tell: Callable[[float], None] | None) -> Iterator[Course]:
    context: Any = multiprocessing.get_context("fork" if _is_alone() else "spawn")
    parts: Any = context.Array("d", jobs)
    with concurrent.futures.ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_begin, initargs=(parts,)
    ) as pool:
        waiting: list[concurrent.futures.Future[bytes]] = []
        try:
            with _deaf():
                for _ in range(jobs):  # they begin while it is found out who belongs together
                    pool.submit(_stand_by)
            ties = _tied(task)
            with _deaf():
                waiting += [pool.submit(_work, task, ties, shard, jobs) for shard in range(jobs)]
            while concurrent.futures.wait(
                waiting, timeout=_PAUSE, return_when=concurrent.futures.FIRST_EXCEPTION
            ).not_done and not any(one.done() and one.exception() for one in waiting):
                if tell is not None:
                    tell(sum(parts) / jobs)
            for one in waiting:
                yield msgspec.msgpack.decode(one.result(), type=Course)
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():  # they hear of it from here alone
                process.terminate()
            raise
        finally:
            for one in waiting:
                one.cancel()


@contextmanager
def _deaf() -> Iterator[None]:
    """Begin processes that an interruption from the keyboard does not reach; it waits for this one meanwhile.

    It goes to all processes of a terminal, and each of them would print where it was.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_alone() -> bool:
    """Return whether no other thread is known: only then may the process be doubled as it is.

    One that begins anew takes half a second to load what this one has loaded.
    """
    try:
        return len([*Path("/proc/self/task").iterdir()]) == 1
    except OSError:
        return False


_PARTS: list[Any] = []


def _begin(parts: Any) -> None:
    _PARTS[:] = [parts]


def _stand_by() -> None:
    """Do nothing: whoever can do that has begun."""


def _work(task: Task, ties: Ties, shard: int, jobs: int) -> bytes:
    """Return the course of a shard, as bytes: many small objects are slow to pickle."""
    parts = _PARTS[0]

    def tell(done: float) -> None:
        parts[shard] = done

    return msgspec.msgpack.encode(course_of_shard(task, ties, shard, jobs, tell))
