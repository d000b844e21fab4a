"""What goes wrong with calls: the k-th of them in one of six ways, or any of them by chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, get_args

from fakes.crashing_store import CONFLICTING, Killed
from pql.core.errors import Conflict, PqlError, Unanswered, Unavailable

Way = Literal["killed before", "killed after", "request lost", "response lost", "throttled", "killed twice"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
# What a chat is asked; a lost answer may have left a card there.
POSTS: Final = frozenset({"post"})


class Faults:
    """Lets every call pass, and counts them. `lost` says how many answers to what were lost."""

    def __init__(self) -> None:
        self.calls = 0
        self.lost: Counter[str] = Counter()

    def call(self, name: str, port: Callable[..., Any], *args: Any) -> Any:
        """Call a port, or break the call."""
        number = self.calls
        self.calls += 1
        way = self.way(number, name)
        if way is None:
            return port(*args)
        if way == "killed before":
            raise Killed
        if way in ("request lost", "throttled"):
            raise _error(name, way)
        done = port(*args)
        if isinstance(done, Iterator):  # an index is read page by page
            list(done)
        self.lost[name] += 1
        if way == "response lost":
            raise _error(name, way)
        raise Killed

    def way(self, number: int, name: str) -> Way | None:
        """Return how the call of this number goes wrong, if it does."""
        del number, name
        return None


class BreaksOne(Faults):
    """Breaks the call of one number. `killed twice` dies after it, and again when it is next made."""

    def __init__(self, at: int, way: Way) -> None:
        super().__init__()
        self.at = at
        self.how = way
        self._again: str | None = None

    def way(self, number: int, name: str) -> Way | None:
        """Return how the call of this number goes wrong, if it does."""
        if number == self.at:
            self._again = name if self.how == "killed twice" else None
            return "killed after" if self.how == "killed twice" else self.how
        if name == self._again:
            self._again = None
            return "killed after"
        return None


class Storm(Faults):
    """Breaks one call in so many by chance, in any of the ways; for a while nothing, if told to `rest`."""

    def __init__(self, chance: random.Random, one_in: int) -> None:
        super().__init__()
        self.chance = chance
        self.one_in = one_in
        self.broken = 0
        self.rests = False

    def way(self, number: int, name: str) -> Way | None:
        """Return how the call of this number goes wrong, if it does."""
        del number, name
        if self.rests or self.chance.randrange(self.one_in):
            return None
        self.broken += 1
        return self.chance.choice(WAYS[:5])


class Fragile:
    """A port whose calls go through faults."""

    def __init__(self, port: Any, faults: Faults) -> None:
        self.port = port
        self.faults = faults

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        if not callable(found):
            return found
        return lambda *args: self.faults.call(name, found, *args)


def _error(name: str, way: Way) -> PqlError:
    if name in CONFLICTING:
        return Conflict(way)
    if name in POSTS and way == "response lost":
        return Unanswered(way)
    return Unavailable(way)
