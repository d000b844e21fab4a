"""The last word: when the newest event was, and whether it answers those before it."""

from __future__ import annotations

from typing import Any

from pql.core.aggregates.traced import Traced
from pql.core.window import NEVER, Window

NOTHING = -1


class LastWord(Traced):
    """The moment (ms) of the newest event; of several at one moment an answer comes last.

    Whatever is older can never matter again: what comes late is either newer than it, or as old.
    """

    __slots__ = ("answered", "moment")

    def __init__(self) -> None:
        super().__init__()
        self.moment = NOTHING
        self.answered = False

    @property
    def value(self) -> int | None:
        """Return the moment that nothing answers, if there is one."""
        return None if self.answered or self.moment == NOTHING else self.moment

    def add(self, time: int, *, answers: bool, bucket: int = NEVER) -> None:
        """Take an event at `time`, which lies in `bucket` of the window."""
        if (time, answers) > (self.moment, self.answered):
            self.moment, self.answered, self.first = time, answers, bucket

    def slide(self, clock: int, window: Window) -> bool:
        """Forget a moment that has left `window` at `clock` and return whether it left."""
        if self.moment == NOTHING:
            return False
        if window.bucket(self.moment) >= window.floor(clock):
            self.first = window.bucket(self.moment)
            return False
        self.moment, self.answered, self.first = NOTHING, False, NEVER
        return True

    def merge(self, other: LastWord) -> None:
        """Take the newer of both."""
        self.see(other.at, other.event)
        self.add(other.moment, answers=other.answered, bucket=other.first)

    def packed(self, clock: int, _window: Window | None) -> Any:
        """Return the age of the moment and whether it is an answer; nothing of nothing."""
        return [] if self.moment == NOTHING else [clock - self.moment, self.answered]

    def unpack(self, plain: Any, clock: int, window: Window | None) -> None:
        """Restore what `packed` described."""
        if plain:
            age, self.answered = plain
            self.moment = clock - age
            self.first = NEVER if window is None else window.bucket(self.moment)
