"""Look at every state that a model can come into, and say what is wrong with the first bad one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

Step = tuple[str, Hashable]


class Verdict(NamedTuple):
    """How many states there are, and the first fault with the steps that lead to it."""

    states: int
    fault: str | None = None
    trace: tuple[str, ...] = ()


def explore(
    start: Hashable,
    steps: Callable[[Hashable], Iterable[Step]],
    fault_of: Callable[[Hashable], str | None],
    finished: Callable[[Hashable], bool],
    limit: int = 5_000_000,
) -> Verdict:
    """Return the verdict on all that can become of `start`, breadth first: the shortest trace comes first.

    A state that can no longer come to an end is a fault as well. Raises `MemoryError` beyond `limit`
    states.
    """
    was_on = gc.isenabled()
    gc.disable()  # no state holds itself, and to look at a hundred thousand of them again takes a tenth
    try:
        return _explored(start, steps, fault_of, finished, limit)
    finally:
        if was_on:
            gc.enable()


def _explored(
    start: Hashable,
    steps: Callable[[Hashable], Iterable[Step]],
    fault_of: Callable[[Hashable], str | None],
    finished: Callable[[Hashable], bool],
    limit: int,
) -> Verdict:
    states: list[Hashable] = [start]
    numbers = {start: 0}
    parents: list[tuple[int, str]] = [(-1, "")]
    before: list[list[int]] = [[]]
    ends = []
    for number, state in enumerate(states):  # grows while it is walked
        fault = fault_of(state)
        if fault:
            return Verdict(len(states), fault, _trace(number, parents))
        if finished(state):
            ends.append(number)
        for label, following in steps(state):
            known = numbers.setdefault(following, len(states))
            if known == len(states):
                states.append(following)
                parents.append((number, label))
                before.append([])
                if known > limit:
                    raise MemoryError(f"more than {limit} states")
            before[known].append(number)
    stuck = next(_hopeless(ends, before), None)
    if stuck is not None:
        return Verdict(len(states), "stuck", _trace(stuck, parents))
    return Verdict(len(states))


def _hopeless(ends: list[int], before: list[list[int]]) -> Iterator[int]:
    """Yield the states from which no end can be reached."""
    hopeful = bytearray(len(before))
    reached = list(ends)
    for number in ends:
        hopeful[number] = 1
    while reached:
        for number in before[reached.pop()]:
            if not hopeful[number]:
                hopeful[number] = 1
                reached.append(number)
    return (number for number, hope in enumerate(hopeful) if not hope)


def _trace(number: int, parents: list[tuple[int, str]]) -> tuple[str, ...]:
    labels = []
    while number > 0:
        number, label = parents[number]
        labels.append(label)
    return tuple(reversed(labels))
