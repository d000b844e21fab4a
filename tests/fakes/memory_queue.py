"""The event queue in memory, for tests and rehearsals."""

from __future__ import annotations

from collections.abc import Sequence

from pql.core.envelope import decode
from pql.core.errors import Unavailable
from pql.core.event import Event


class MemoryQueue:
    """The `EventQueue` port on a list; `available` off makes every send fail and store nothing."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []
        self.available = True

    def send(self, messages: Sequence[tuple[str, str]], deadline: float) -> None:
        """Store (group, body) pairs at once."""
        if not self.available:
            raise Unavailable("the queue is down", retry_after=2.0)
        self.messages.extend(messages)

    @property
    def events(self) -> list[Event]:
        """Return the events of all messages, message by message."""
        return [event for _, body in self.messages for event in decode(body)]
