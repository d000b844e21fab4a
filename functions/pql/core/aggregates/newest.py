"""Newest: the value that was reported last, by the time of the event."""

from __future__ import annotations

from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.lead import Scalar
from pql.core.window import NEVER, Window


class Newest(Traced):
    """The value of the newest event, whatever the order of arrival."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        super().__init__()
        self.value: Scalar = None

    def put(self, at: int, event: str, value: Scalar) -> None:
        """Take `value` if its event is the newest."""
        if self.see(at, event):
            self.value = value

    def slide(self, clock: int, window: Window) -> bool:
        """Forget a value whose event has left `window` at `clock`, and return whether it left."""
        if self.value is not None and window.bucket(self.at) >= window.floor(clock):
            self.first = window.bucket(self.at)
            return False
        left = self.value is not None
        self.value = None
        self.first = NEVER
        return left

    def merge(self, other: Newest) -> None:
        """Take the newer of both values."""
        self.put(other.at, other.event, other.value)

    def packed(self, _clock: int, _window: Window | None) -> Any:
        """Return the value as it is."""
        return self.value

    def unpack(self, plain: Any, _clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        self.value = plain
        if window is not None and plain is not None:
            self.first = window.bucket(self.at)
