"""How ids are kept: pending in the row, then packed in buckets that get finer and expire.

One account (`pql.core.dedup`, `pql.flows.sight`, `pql.flows.count`). Time passes in ticks: a client sends
copies when it likes, a copy waits in the queue for so long at most, and what is older than the horizon on
arrival is not counted. A bucket is one item: reading or writing two of them is two steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from model.table import IDLE, at, replaced

HORIZON = 1
DWELL = 1
AHEAD = 1  # a sender's clock may be ahead by so much
KEEP = HORIZON + DWELL + AHEAD
CROWD = 1  # a bucket with more ids is crowded
FINEST = 2
Steps = Iterator[tuple[str, "Kept"]]
Place = tuple[int, int, int]


@dataclass(frozen=True)
class Care:
    """The precautions. All of them are taken unless a test takes one away."""

    files_before_it_commits: bool = True
    files_every_bucket: bool = True
    keeps_what_it_does_not_file: bool = True
    notes_that_it_filed: bool = True
    looks_at_every_grain: bool = True
    commits_the_grain: bool = True
    files_where_readers_look: bool = True
    asks_again_for_the_unprocessed: bool = True
    refuses_the_late: bool = True
    bounds_the_dwell: bool = True
    keeps_ids_long_enough: bool = True
    renews_the_bucket: bool = True
    keeps_from_the_writing: bool = True


class Id(NamedTuple):
    """An event by its true time, how many copies clients send, and how far the sender's clock is behind."""

    time: int
    copies: int
    behind: int = 0

    @property
    def own(self) -> int:
        """Return the time as the sender wrote it."""
        return self.time - self.behind

    def place(self, number: int, grain: int) -> Place:
        """Return the bucket it is filed in: finer in time first, then by its digits."""
        return grain, self.own if grain else self.own // 2, number % 2 if grain > 1 else 0


class Account(NamedTuple):
    """The row: what was counted, which ids are pending, how fine buckets are, whether there are any."""

    version: int = 0
    counted: int = 0
    pend: int = 0
    grain: int = 0
    filed: bool = False


class Kept(NamedTuple):
    """Everything there is. `seen` says of each bucket which ids it holds and when it expires."""

    clock: int
    row: Account
    seen: tuple[tuple[int, int], ...]
    unsent: tuple[int, ...]
    queue: tuple[tuple[int, ...], ...]  # of each event, when the copies that wait were received
    timely: int
    workers: tuple[tuple[Any, ...], ...]
    fault: str | None = None


class Look(NamedTuple):
    """What a worker has read: the row, so many of its grains, and whether one of their buckets is full."""

    row: Account
    read: int = 0
    crowded: bool = False


class Filing:
    """Workers that count `ids` of one account, of which `room` fit into its row, until the `last` tick.

    When they do not, `stay` of those that are pending are left so, whose buckets take the fewest.
    """

    def __init__(self, ids: tuple[Id, ...], room: int, last: int, care: Care, stay: int = 0) -> None:
        self.ids, self.room, self.last, self.care, self.stay = ids, room, last, care, stay
        places = {one.place(n, grain) for n, one in enumerate(ids) for grain in range(FINEST + 1)}
        self.places = {place: index for index, place in enumerate(sorted(places))}

    def start(self, workers: int) -> Kept:
        """Return the state in which nothing has happened yet."""
        copies = tuple(one.copies for one in self.ids)
        buckets = ((0, 0),) * len(self.places)
        return Kept(0, Account(), buckets, copies, ((),) * len(copies), 0, (IDLE,) * workers)

    def steps(self, state: Kept) -> Steps:
        """Yield what can happen next."""
        if state.fault:
            return
        yield from self._time(state)
        for number, one in enumerate(self.ids):
            if state.unsent[number] and state.clock >= one.time - AHEAD:
                timely = state.timely | (state.clock - one.time <= HORIZON) << number
                unsent = replaced(state.unsent, number, state.unsent[number] - 1)
                waiting = tuple(sorted([*state.queue[number], state.clock]))
                queue = replaced(state.queue, number, waiting)
                yield f"send {number}", state._replace(unsent=unsent, queue=queue, timely=timely)
        for index, worker in enumerate(state.workers):
            if worker in state.workers[:index]:
                continue
            if worker != IDLE:
                yield f"crash {index}", at(state, index, IDLE)
                kind, *rest = worker
                for label, after in getattr(self, f"_{kind}")(state, index, *rest):
                    yield f"{label} {rest[0]}", after
                continue
            for number, copies in enumerate(state.queue):
                for received in set(copies):
                    late = received - self.ids[number].time > HORIZON and self.care.refuses_the_late
                    then = ("ack" if late else "row", number, received)
                    yield f"take {number}", at(state, index, then)

    def _time(self, state: Kept) -> Steps:
        oldest = min((one for copies in state.queue for one in copies), default=state.clock)
        # A tick is days, and no worker lives for more than minutes.
        may = state.clock < self.last and all(one == IDLE for one in state.workers)
        if may and (state.clock < oldest + DWELL or not self.care.bounds_the_dwell):
            yield "tick", state._replace(clock=state.clock + 1)
        for index, (held, expires) in enumerate(state.seen):
            if held and expires < state.clock:
                yield f"expire {index}", state._replace(seen=replaced(state.seen, index, (0, 0)))

    # P1, then P2 bucket by bucket.

    def _row(self, state: Kept, index: int, number: int, received: int) -> Steps:
        row = state.row
        if row.pend >> number & 1:
            yield "pending", at(state, index, ("ack", number, received))
        elif row.filed:
            yield "read row", at(state, index, ("seen", number, received, Look(row)))
        else:
            yield "read row", at(state, index, self._fresh(number, received, row, crowded=False))

    def _seen(self, state: Kept, index: int, number: int, received: int, look: Look) -> Steps:
        first = 0 if self.care.looks_at_every_grain else look.row.grain
        grain = first + look.read
        held, _ = state.seen[self.places[self.ids[number].place(number, grain)]]
        if held >> number & 1:
            yield "filed", at(state, index, ("ack", number, received))
        else:
            yield f"read grain {grain}", at(state, index, self._after(number, received, look, held))
        if not self.care.asks_again_for_the_unprocessed:
            yield "unprocessed", at(state, index, self._after(number, received, look, 0))

    def _after(self, number: int, received: int, look: Look, held: int) -> tuple[Any, ...]:
        """Return where a worker goes that has not found the id in a bucket that held these."""
        crowded = look.crowded or held.bit_count() > CROWD
        if look.read < (look.row.grain if self.care.looks_at_every_grain else 0):
            return "seen", number, received, Look(look.row, look.read + 1, crowded)
        return self._fresh(number, received, look.row, crowded=crowded)

    # P4 bucket by bucket, then P5.

    def _fresh(self, number: int, received: int, row: Account, *, crowded: bool) -> tuple[Any, ...]:
        """Return where a worker goes that has found nothing: to file what is pending, or to commit."""
        finer = min(row.grain + crowded, FINEST)
        if (row.pend | 1 << number).bit_count() <= self.room:
            after = Account(row.version + 1, row.counted, row.pend | 1 << number, finer, row.filed)
            return "commit", number, received, row.version, after, ()
        grain = row.grain if self.care.files_where_readers_look else FINEST
        grain = grain if self.care.commits_the_grain else finer
        filed: dict[int, int] = {}
        for one, known in enumerate(self.ids):
            if row.pend >> one & 1:
                place = self.places[known.place(one, grain)]
                filed[place] = filed.get(place, 0) | 1 << one
        stay = 0
        for place, held in sorted(filed.items(), key=lambda one: (one[1].bit_count(), one)):
            if (stay | held).bit_count() <= self.stay:
                stay |= filed.pop(place)
        todo = tuple(sorted(filed.items()))
        todo = todo if self.care.files_every_bucket else todo[:1]
        flag = row.filed or (self.care.notes_that_it_filed and bool(todo))
        grain = finer if self.care.commits_the_grain else row.grain
        after = Account(row.version + 1, row.counted, self._left(stay) | 1 << number, grain, flag)
        kind = "spill" if todo and self.care.files_before_it_commits else "commit"
        return kind, number, received, row.version, after, todo

    def _left(self, stay: int) -> int:
        """Return what is still pending of the ids that were not filed."""
        return stay if self.care.keeps_what_it_does_not_file else 0

    def _spill(
        self,
        state: Kept,
        index: int,
        number: int,
        received: int,
        version: int,
        after: Account,
        todo: tuple[tuple[int, int], ...],
    ) -> Steps:
        (place, ids), *rest = todo
        held, expires = state.seen[place]
        written = min(one.own for one in self.ids) if not self.care.keeps_from_the_writing else state.clock
        until = written + (KEEP if self.care.keeps_ids_long_enough else KEEP - AHEAD)
        if held and not self.care.renews_the_bucket:
            until = expires
        state = state._replace(seen=replaced(state.seen, place, (held | ids, until)))
        then = "spill" if rest else "commit" if self.care.files_before_it_commits else "ack"
        worker = (then, number, received, version, after, tuple(rest))
        yield f"spill {place}", at(state, index, worker[:3] if then == "ack" else worker)

    def _commit(
        self,
        state: Kept,
        index: int,
        number: int,
        received: int,
        version: int,
        after: Account,
        todo: tuple[tuple[int, int], ...],
    ) -> Steps:
        again = at(state, index, ("row", number, received))
        if state.row.version != version:
            yield "commit: conflict", again
            return
        twice = "counted twice" if state.row.counted >> number & 1 else None
        after = after._replace(counted=state.row.counted | 1 << number)
        done = state._replace(row=after, fault=twice)
        then = ("spill", number, received, version, after, todo) if todo else ("ack", number, received)
        yield "commit", at(done, index, then)
        yield "commit: answer lost", at(done, index, ("row", number, received))

    def _ack(self, state: Kept, index: int, number: int, received: int) -> Steps:
        copies = list(state.queue[number])
        if received in copies:
            copies.remove(received)
        yield "ack", at(state._replace(queue=replaced(state.queue, number, tuple(copies))), index, IDLE)

    # What must hold.

    def fault(self, state: Kept) -> str | None:
        """Return what is wrong with a state."""
        if state.fault or not self.finished(state):
            return state.fault
        return "event lost" if state.timely & ~state.row.counted else None

    @staticmethod
    def finished(state: Kept) -> bool:
        """Return whether everything is sent and acknowledged and nobody works."""
        return not any(state.unsent) and not any(state.queue) and all(one == IDLE for one in state.workers)
