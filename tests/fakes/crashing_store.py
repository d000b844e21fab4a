"""A store whose k-th call goes wrong in one of the ways in which calls do."""

from __future__ import annotations

from typing import Any, Literal

from pql.adapters.memory_store import MemoryStore
from pql.core.errors import Conflict, Unavailable

Way = Literal["killed before", "killed after", "request lost", "response lost", "throttled"]
WAYS: tuple[Way, ...] = ("killed before", "killed after", "request lost", "response lost", "throttled")
CALLS = ("members", "teach", "move", "rows", "seen", "spill", "commit")
CONDITIONAL = ("teach", "move", "commit")


class Killed(BaseException):
    """The sandbox is gone; nothing in the code may catch this."""


class CrashingStore:
    """Passes calls on to `store`, and breaks the one whose number is `at`."""

    def __init__(self, store: MemoryStore, at: int, way: Way) -> None:
        self.store = store
        self.calls = 0
        self.at = at
        self.way = way

    def __getattr__(self, name: str) -> Any:
        if name not in CALLS:
            raise AttributeError(name)
        return lambda *args: self._call(name, *args)

    def _call(self, name: str, *args: Any) -> Any:
        self.calls += 1
        if self.calls - 1 != self.at:
            return getattr(self.store, name)(*args)
        lost = Conflict if name in CONDITIONAL else Unavailable
        if self.way == "killed before":
            raise Killed
        if self.way in ("request lost", "throttled"):
            raise lost(self.way)
        getattr(self.store, name)(*args)
        raise Killed if self.way == "killed after" else lost(self.way)
