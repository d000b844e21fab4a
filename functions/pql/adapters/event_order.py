"""Events of many files in the order of their receipt, with bounded memory.

Files are opened when their first event is due, and merged with those that are open then. What is out of
order by no more than `LOOK_AHEAD` events comes out in order; the same files always give the same stream.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from pql.core.errors import PqlError
from pql.core.event import Event

LOOK_AHEAD = 20_000
OPEN_LIMIT = 400
Block = list[Event]
_RECEIVED = attrgetter("received")


class Opening(NamedTuple):
    """Something to read: no event of it was received before `since` (epoch ms); None asks `first`.

    `first` returns the receipt of its first event, None if it has none; `blocks` reads it.
    """

    since: int | None
    first: Callable[[], int | None]
    blocks: Callable[[], Iterator[Block]]


class _Stream:
    """What is open: the events of its current block that have not been taken."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self._block: Block = []
        self._at = 0

    def head(self) -> int | None:
        """Return when its next event was received, None at its end."""
        while self._at >= len(self._block):
            found = next(self._blocks, None)
            if found is None:
                return None
            self._block, self._at = found, 0
        return self._block[self._at].received

    def take(self, until: int | None) -> Block:
        """Return what comes before the first event received after `until`; all of its block for None."""
        start, block = self._at, self._block
        end = len(block)
        if until is not None and block[-1].received > until:
            end = next((at for at in range(start, end) if block[at].received > until), end)
        self._at = end
        return block[start:end] if start or end < len(block) else block


def merged(openings: Sequence[Opening]) -> Iterator[Block]:
    """Yield the events of all, merged by receipt: exact where each is in order, else see `ordered`.

    Raises `PqlError` where more than 400 overlap in time.
    """
    # (when, which, stage): first by what is known without looking, then by the first event, then open.
    due: list[tuple[int, int, int]] = [
        (-1 if one.since is None else one.since, index, 0) for index, one in enumerate(openings)
    ]
    heapq.heapify(due)
    streams: dict[int, _Stream] = {}
    alone = len(openings) == 1
    while due:
        _, index, stage = heapq.heappop(due)
        if stage == 0 and not alone:
            first = openings[index].first()
            if first is not None:
                heapq.heappush(due, (first, index, 1))
            continue
        if index not in streams:
            if len(streams) >= OPEN_LIMIT:
                raise PqlError(f"more than {OPEN_LIMIT} files overlap in time: join some of them first")
            streams[index] = _Stream(openings[index].blocks())
        stream = streams[index]
        if stream.head() is not None:
            yield stream.take(due[0][0] if due else None)
        if (head := stream.head()) is None:
            del streams[index]
        else:
            heapq.heappush(due, (head, index, 2))


class Ordered:
    """Puts blocks in order; `late` counts the events that come too late for it and stay where they are."""

    def __init__(self, look_ahead: int = LOOK_AHEAD) -> None:
        self._look_ahead = look_ahead
        self.late = 0

    def __call__(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield the same events in order of receipt; of the same moment, in the order in which they came."""
        held: Block = []
        newest = 0
        for block in blocks:
            held += block
            if len(held) >= 2 * self._look_ahead:
                held.sort(key=_RECEIVED)
                out, held = held[: -self._look_ahead], held[-self._look_ahead :]
                newest = self._seen(out, newest)
                yield out
        held.sort(key=_RECEIVED)
        self._seen(held, newest)
        yield held

    def _seen(self, out: Block, newest: int) -> int:
        self.late += bisect_left(out, newest, key=_RECEIVED)
        return max(newest, out[-1].received) if out else newest
