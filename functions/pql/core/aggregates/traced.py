"""What all aggregates share: which event was the newest behind them."""

from __future__ import annotations

from pql.core.window import NEVER

EVENT_DIGITS = 16
NOTHING = (-1, "")


class Traced:
    """Base of aggregates: the newest event counted, by counted time and then by id, whatever the order.

    `first` is a bucket before which nothing is held: whoever adds lowers it, whoever slides raises it.
    """

    __slots__ = ("first", "seen")

    def __init__(self) -> None:
        self.first = NEVER
        self.seen: tuple[int, str] = NOTHING

    @property
    def at(self) -> int:
        """Return the counted time (epoch ms) of the newest event."""
        return self.seen[0]

    @property
    def event(self) -> str:
        """Return the id of the newest event."""
        return self.seen[1]

    def see(self, at: int, event: str) -> bool:
        """Remember the event if it is the newest so far, and return whether it is.

        Of the id the first 16 hex digits count and are stored: enough to find it in the archive.
        """
        if at > self.at or (at == self.at and event[:EVENT_DIGITS] > self.event[:EVENT_DIGITS]):
            self.seen = (at, event)
            return True
        return False
