"""What runs between the functions when deployed: polls queues, stream and schedules.

A pass asks every source once. In the background passes follow each other while there is work, and
once a second while there is none: what comes in by the front door wakes it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

IDLE_SECONDS = 1.0


class Source(Protocol):
    """Something that may have work for a function."""

    def poll(self) -> bool:
        """Hand over one piece of work; return whether there was one."""


class Pump:
    """Drives sources, in the background between `start` and `stop`, or step by step by `drain`.

    `after` is called after every pass, on the thread that made it; `broke` when the background work
    ended by a fault of its own.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        after: Callable[[], None] = lambda: None,
        broke: Callable[[], None] = lambda: None,
    ) -> None:
        self._sources = sources
        self._after = after
        self._broke = broke
        self._pass = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._fault: Exception | None = None

    def start(self) -> None:
        """Begin to work in the background."""
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is work, so that nobody waits out the idle time."""
        self._wake.set()

    def drain(self) -> None:
        """Work until no source has anything to hand over.

        Messages that wait for their visibility timeout are no work yet.
        """
        while self.turn():
            pass

    def turn(self) -> bool:
        """Ask every source once; return whether one of them had work."""
        with self._pass:
            worked = [source.poll() for source in self._sources]
            self._after()
        return any(worked)

    def stop(self) -> None:
        """End the background work after the pass that is running; raises what ended it early."""
        self._stopped = True
        self._wake.set()
        if self._thread:
            self._thread.join()
            self._thread = None
        if self._fault:
            raise self._fault

    def _run(self) -> None:
        try:
            while not self._stopped:
                if not self.turn():
                    self._wake.wait(IDLE_SECONDS)
                    self._wake.clear()
        except Exception as error:  # noqa: BLE001 (raised again by `stop`, on the thread that asked)
            self._fault = error
            self._broke()
