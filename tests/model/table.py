"""What the model's table, queue and workers hold: tuples all the way down, so that a state is a key.

Subjects are numbers: members first (each key's own subject has the key's number), then accounts.
Sets of events are bit masks.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

NOBODY = -1
# So many events must be counted for each rule to fire, once. Two fire at the same event.
BUSY = 2
RULES = (BUSY, BUSY, BUSY + 1)


class Member(NamedTuple):
    """A user or anonymous id, as `pql.core.member.Member` without the profile."""

    version: int = 0
    at: int = 0
    account: int = NOBODY
    user: int = NOBODY
    former: tuple[int, ...] = ()


Known = tuple[tuple[int, Member], ...]


class Row(NamedTuple):
    """A subject's row: what was counted, the ids pending in it, whether ids were filed, what fired."""

    version: int = 0
    counted: int = 0
    pend: int = 0
    filed: bool = False
    fired: int = 0

    def counting(self, new: int, version: int) -> Row:
        """Return the row that has counted `new` as well, and whose rules have fired if it is time."""
        counted = self.counted | new
        firing = sum(1 << rule for rule, least in enumerate(RULES) if counted.bit_count() >= least)
        return Row(version, counted, self.pend, self.filed, self.fired | firing)


class Event(NamedTuple):
    """An event to count for `actor` or for the account it names, or a lesson about `actor`.

    A lesson of `at` teaches an account or, to an anonymous id, the user it has become.
    """

    name: str
    actor: int = NOBODY
    account: int = NOBODY
    user: int = NOBODY
    at: int = 0

    @property
    def teaches(self) -> bool:
        """Return whether it is a lesson."""
        return self.at > 0


class State(NamedTuple):
    """Everything there is. `queue` says how many copies of each event are not acknowledged yet.

    `fault` is what went wrong in the very step that led here.
    """

    members: tuple[Member, ...]
    rows: tuple[Row, ...]
    seen: tuple[int, ...]
    leads: tuple[int, ...]
    queue: tuple[int, ...]
    workers: tuple[tuple[Any, ...], ...]
    fault: str | None = None


class Scope(NamedTuple):
    """What there is to process: the members and rows at the start, events and their copies."""

    members: tuple[Member, ...]
    accounts: int
    events: tuple[tuple[Event, int], ...]
    leads: int = 0  # that the last account has already, though its row has been lost

    def start(self, workers: int) -> State:
        """Return the state in which nothing has happened yet."""
        subjects = len(self.members) + self.accounts
        return State(
            self.members,
            (Row(),) * subjects,
            (0,) * subjects,
            (*(0,) * (subjects - 1), self.leads),
            tuple(copies for _, copies in self.events),
            (IDLE,) * workers,
        )


IDLE: tuple[Any, ...] = ("idle",)


def chain(key: int, members: dict[int, Member]) -> list[int]:
    """Return the members that decide where `key` is counted."""
    user = members[key].user
    return [key] if user == NOBODY else [key, user]


def home(key: int, members: dict[int, Member]) -> int:
    """Return the subject that `key` is counted under."""
    last = chain(key, members)[-1]
    account = members[last].account
    return last if account == NOBODY else account


def places(key: int, members: dict[int, Member]) -> list[int]:
    """Return every subject `key` may have been counted under, the present one first."""
    found = [home(key, members)]
    for one in reversed(chain(key, members)):
        found += [*members[one].former, one]
    return list(dict.fromkeys(found))


def replaced(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    """Return `items` with another one at `index`."""
    return (*items[:index], item, *items[index + 1 :])


def at(state: Any, index: int, worker: tuple[Any, ...]) -> Any:
    """Return the state in which one worker has gone on; workers have no names.

    Of any model: its states end with the workers and the fault.
    """
    workers = _in_order(replaced(state.workers, index, worker))
    return state._make((*state[:-2], workers, state.fault))  # `_replace` takes three times as long


@functools.lru_cache(2**17)
def _in_order(workers: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(workers, key=repr))  # the same few thousand again and again


def led(state: State, subject: int, made: int) -> State:
    """Return the state with leads more of a subject, a bit for each rule."""
    fault = "lead twice" if state.leads[subject] & made else state.fault
    return state._replace(leads=replaced(state.leads, subject, state.leads[subject] | made), fault=fault)
