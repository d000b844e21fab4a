"""The past as the archive holds it, read as far as it goes and then what comes after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pql.backtest.past.history import History
from pql.core.archived import Line
from pql.core.errors import Unavailable
from pql.core.event import Event
from pql.core.window import DAY
from pql.engine.plan import Plan
from pql.flows.dwell import DWELL_DAYS
from pql.flows.replay import Stored

ROUNDS = 5
# As process keeps ids, beyond the lateness limit.
KEEP_MORE = DWELL_DAYS + 10


class Lines(Protocol):
    """The archive as something to list and to read."""

    def stored(self) -> Iterator[Stored]:
        """Yield its objects, in no order; raises `Unavailable`."""

    def read(self, stored: Sequence[Stored]) -> Iterator[tuple[Stored, Sequence[Line]]]:
        """Yield the lines of each object, in this order; raises `Poison` and `Unavailable`."""


class Settings(NamedTuple):
    """What to backfill, by a moment `now` (epoch ms): rules and signals by name, lateness in days.

    `ends` says which events end leads. Without `write` nothing is.
    """

    rules: AbstractSet[str]
    signals: AbstractSet[str]
    now: int
    lateness: int
    ends: Callable[[Event], bool]
    write: bool = True


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
        self.corrections: dict[str, dict[bytes, str | None]] = defaultdict(dict)
        self.history = self._fresh()

    def begin_again(self) -> None:
        """Forget what was read, to read it with the corrections that are known by now."""
        self.history = self._fresh()
        self._read = set()

    def _fresh(self) -> History:
        settings = self._set
        since = settings.now - (settings.lateness + DWELL_DAYS) * DAY
        return History(
            self._plan,
            self._places,
            horizon=settings.lateness * DAY,
            since=since,
            keep=(settings.lateness + KEEP_MORE) * DAY,
            ends=settings.ends,
            corrections=self.corrections,
        )

    def gather(self, found: Backfilled) -> None:
        """Take what the archive holds and was not taken yet, in the order in which it was counted.

        An object that is merged into another meanwhile reads as empty: then the archive is listed again.
        """
        for _ in range(ROUNDS):
            new = sorted((one for one in self._lines.stored() if one.key not in self._read), key=_order)
            if self._take(new, found):
                return
        raise Unavailable("the archive is put in order, and faster than it can be read: type it again later")

    def _take(self, new: Sequence[Stored], found: Backfilled) -> bool:
        """Take these objects; return whether each held anything."""
        is_whole = True
        for done, (stored, lines) in enumerate(self._lines.read(new)):
            for line in lines:
                self.history.take(line.subject, line.event)
            self._read.add(stored.key)
            found.objects += 1
            found.events += len(lines)
            is_whole = is_whole and bool(lines)
            self._told("objects", done + 1, len(new))
        return is_whole


def _order(stored: Stored) -> str:
    return stored.order
