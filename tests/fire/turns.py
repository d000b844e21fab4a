"""Workers that take turns: a thread each, and one of them moves at a time, from one call to the next.

Every schedule can be played, so every one is: those of few preemptions on each run, all on demand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Job = Callable[[Any], None]
Moves = list[tuple[int, tuple[int, ...]]]


class Turns:
    """Plays jobs, each over its store, which sees their calls in the order of a schedule."""

    def __init__(self, stores: Sequence[Any], jobs: Sequence[Job]) -> None:
        self._arrived = _closed()
        both = zip(stores, jobs, strict=True)
        self._workers = [_Worker(store, job, self._arrived) for store, job in both]

    def play(self, schedule: Sequence[int]) -> Moves:
        """Let workers move as the schedule says, and then each to its end; return who moved and who could.

        Raises what a worker raised.
        """
        for worker in self._workers:
            worker.start()
            self._arrived.acquire()
        moves: Moves = []
        while ready := tuple(n for n, one in enumerate(self._workers) if not one.is_done):
            last = moves[-1][0] if moves else ready[0]
            wanted = schedule[len(moves)] if len(moves) < len(schedule) else last
            mover = wanted if wanted in ready else ready[0]
            moves.append((mover, ready))
            self._workers[mover].turn.release()
            self._arrived.acquire()
        for worker in self._workers:
            worker.join()
            if worker.error is not None:
                raise worker.error
        return moves


def _closed() -> threading.Lock:
    """Return a gate that lets one through each time it is released: one waits, so no semaphore is needed."""
    gate = threading.Lock()
    gate.acquire()
    return gate


class _Worker(threading.Thread):
    """A thread that waits for its turn before each call; `is_done` says that it makes no more."""

    def __init__(self, store: Any, job: Job, arrived: threading.Lock) -> None:
        super().__init__(daemon=True)
        self.turn = _closed()
        self.is_done = False
        self.error: BaseException | None = None
        self._store, self._job, self._arrived = store, job, arrived

    def run(self) -> None:
        """Do the job."""
        try:
            self._job(self)
        except BaseException as error:  # noqa: BLE001 - raised again where the schedule is played
            self.error = error
        self.is_done = True
        self._arrived.release()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)

        def call(*args: Any) -> Any:
            self._arrived.release()
            self.turn.acquire()
            return found(*args)

        return call if callable(found) else found


def schedules(play: Callable[[Sequence[int]], Moves], preemptions: int | None) -> Iterator[Sequence[int]]:
    """Play every schedule once, and yield each; only those of so many `preemptions` at most, if said.

    `play` begins anew each time. A preemption takes the turn from a worker that could have gone on.
    """
    todo: list[list[int]] = [[]]
    while todo:
        prefix = todo.pop()
        moves = play(prefix)
        moved = [mover for mover, _ in moves]
        yield moved
        for place in range(len(prefix), len(moves)):
            mover, ready = moves[place]
            for other in ready:
                branch = [*moved[:place], other]
                if other != mover and _within(branch, moves, preemptions):
                    todo.append(branch)


def _within(branch: Sequence[int], moves: Moves, preemptions: int | None) -> bool:
    if preemptions is None:
        return True
    taken = sum(
        branch[place] != branch[place - 1] and branch[place - 1] in moves[place][1]
        for place in range(1, len(branch))
    )
    return taken <= preemptions
