"""A store whose k-th call goes wrong in one of the ways in which calls do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args

from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.errors import Conflict, Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life

Way = Literal["killed before", "killed after", "request lost", "response lost"]
WAYS: tuple[Way, ...] = get_args(Way)
CALLS = (
    *("members", "teach", "move", "rows", "seen", "spill", "commit", "waking", "postpone"),
    *("editions", "declare", "origins"),
)
# A write of which nobody knows the outcome is a conflict: whoever reads again is never wrong.
CONFLICTING = frozenset({"teach", "move", "spill", "commit", "postpone"})


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
        return lambda *args: self.call(getattr(self.store, name), *args, conflicts=name in CONFLICTING)

    def call(self, port: Callable[..., Any], *args: Any, conflicts: bool) -> Any:
        """Call what a port does, or break it; what is lost is an outage, or a conflict."""
        self.calls += 1
        if self.calls - 1 != self.at:
            return port(*args)
        lost = Conflict if conflicts else Unavailable
        if self.way == "killed before":
            raise Killed
        if self.way == "request lost":
            raise lost(self.way)
        port(*args)
        raise Killed if self.way == "killed after" else lost(self.way)


class CrashingLeads(MemoryLeads):
    """The leads of a crashing store: its count of calls goes on here, and so does what goes wrong."""

    def __init__(self, store: CrashingStore) -> None:
        super().__init__(store.store.leads)
        self._store = store

    def of(self, subject: str) -> Iterator[LeadRecord]:
        """Yield the leads of a subject."""
        found: Iterator[LeadRecord] = self._store.call(super().of, subject, conflicts=False)
        return found

    def change(self, key: LeadKey, before: Life, after: Life) -> None:
        """Write how a lead stands."""
        # An outage of this call is told as one.
        self._store.call(super().change, key, before, after, conflicts=False)
