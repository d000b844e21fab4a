"""A store before whose k-th call somebody else gets to work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakes.crashing_store import CALLS
from pql.adapters.memory_store import MemoryStore

Job = Callable[[Any], None]


class InterruptedStore:
    """Passes calls on to `store`; before the call of a given number the job for it runs, to its end.

    `calls` counts what was passed on. A number that never comes is served by `rest`.
    """

    def __init__(self, store: MemoryStore, jobs: Mapping[int, Callable[[], None]]) -> None:
        self.store = store
        self.jobs = dict(jobs)
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        if name not in CALLS:
            raise AttributeError(name)
        return lambda *args: self._call(name, *args)

    def rest(self) -> None:
        """Run the jobs whose call never came."""
        while self.jobs:
            self.jobs.pop(min(self.jobs))()

    def _call(self, name: str, *args: Any) -> Any:
        job = self.jobs.pop(self.calls, None)
        if job is not None:
            job()
        self.calls += 1
        return getattr(self.store, name)(*args)
