"""The past as the archive holds it, read as far as it goes and then what comes after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pql.backtest.past.history import History
from pql.core.archived import Line, merged
from pql.core.errors import Unavailable
from pql.core.event import Event
from pql.core.window import DAY
from pql.engine.plan import Plan
from pql.flows.dwell import DWELL_DAYS
from pql.flows.replay import Stored

ROUNDS = 5
# What is said of a row that is ahead of the archive for good.
AHEAD = "counted, and not in the archive"
# How long ids are told from repeats, beyond the lateness limit: what comes later than that is late.
KEEP_MORE = DWELL_DAYS + 10


class Lines(Protocol):
    """The archive as something to list and to read."""

    def stored(self) -> Iterator[Stored]:
        """Yield its objects, in no order; raises `Unavailable`."""

    def read(self, stored: Sequence[Stored]) -> Iterator[tuple[Stored, Sequence[Line] | None]]:
        """Yield the lines of each object, in this order, None of one that is gone.

        Raises `Poison` and `Unavailable`.
        """


class Settings(NamedTuple):
    """What to backfill, by a moment `now` (epoch ms): rules and signals by name, lateness in days.

    `ends` says which events end leads. Without `write` nothing is. `refresh` is called before each write: to
    look which rules are in shadow by now.
    """

    rules: AbstractSet[str]
    signals: AbstractSet[str]
    now: int
    lateness: int
    ends: Callable[[Event], bool]
    write: bool = True
    refresh: Callable[[], object] = lambda: None


@dataclass
class Backfilled:
    """What came of it: objects and events read, rows by what became of them, and who is left.

    `silent` counts by rule who holds by the past now, `left` says why a subject was left as it is.
    """

    objects: int = 0
    events: int = 0
    first: int | None = None
    written: int = 0
    same: int = 0
    leads: int = 0
    silent: Counter[str] = field(default_factory=Counter)
    left: dict[str, str] = field(default_factory=dict)


class ArchivedPast:
    """What the archive holds of every subject, for the signals at these places of the plans.

    `corrections` are what turned out to be archived elsewhere than it was counted: by subject and id, where
    it was counted (None: nowhere).
    """

    def __init__(
        self,
        lines: Lines,
        plan: Plan,
        places: tuple[Collection[int], Collection[int]],
        settings: Settings,
        told: Callable[[str, int, int], None],
    ) -> None:
        self._lines = lines
        self._plan = plan
        self._places = places
        self._set = settings
        self._told = told
        self._read: set[str] = set()
        self._newest = 0
        self.corrections: dict[str, dict[bytes, str | None]] = defaultdict(dict)
        self.history = self._fresh()

    def begin_again(self, found: Backfilled) -> None:
        """Forget what was read, to read it with the corrections that are known by now."""
        found.objects = found.events = 0
        self.history = self._fresh()
        self._read = set()
        self._newest = 0

    def _fresh(self) -> History:
        settings = self._set
        since = settings.now - (settings.lateness + DWELL_DAYS) * DAY
        return History(
            self._plan,
            self._places,
            horizon=settings.lateness * DAY,
            since=since,
            keep=settings.lateness + KEEP_MORE,
            ends=settings.ends,
            corrections=self.corrections,
        )

    def gather(self, found: Backfilled) -> None:
        """Take what the archive holds and was not taken yet, in the order in which it was counted.

        Where an object is gone, which was merged into another meanwhile, the archive is listed again. What
        new objects repeat of those before is known by its ids, if it is not old; else all is read anew.
        """
        tries = ROUNDS
        while tries:
            new = sorted((one for one in self._lines.stored() if one.key not in self._read), key=_order)
            if new and self._is_forgotten(new[0]):
                self.begin_again(found)
                tries -= 1
                continue
            before = len(self._read)
            if self._take(new, found):
                return
            tries -= len(self._read) == before
        raise Unavailable("the archive is put in order, and faster than it can be read: type it again later")

    def _is_forgotten(self, stored: Stored) -> bool:
        """Return whether an object may repeat lines whose ids are not remembered any more.

        Ids are, for `KEEP_MORE` beyond the lateness limit; an event lies before it is counted for less.
        """
        return stored.counted_at < self._newest - self._set.lateness * DAY

    def _take(self, new: Sequence[Stored], found: Backfilled) -> bool:
        """Take these objects up to the first that is gone; return whether none is."""
        for done, (stored, lines) in enumerate(self._lines.read(new)):
            if lines is None:
                return False
            if merged(stored.order) is None:
                self.history.learn(line.event for line in lines)
            for line in lines:
                self.history.take(line.subject, line.event)
            self._read.add(stored.key)
            self._newest = max(self._newest, stored.counted_at)
            found.objects += 1
            found.events += len(lines)
            self._told("objects", done + 1, len(new))
        return True


def _order(stored: Stored) -> str:
    return stored.order
