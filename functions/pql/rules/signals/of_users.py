"""What signals share that tell users apart: who is followed, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pql.core.aggregates import Usage
from pql.core.window import Window
from pql.rules.signals.cell import Cell
from pql.rules.signals.signal import Keep, Signal

FOLLOWED: Final = 64
# A user's hash once, and in each bucket their place among the hashes and a count.
BYTES_EACH = 10
# The one bucket of a lifetime.
EVER = 0


class OfUsers(Signal):
    """Base of signals that count by user (by user id, else anonymous id); nobody's events do not count.

    `keep` users are followed in each bucket of the window, or for ever without one.
    """

    keep: Keep = FOLLOWED

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return bytes_of(self.keep, self.window)

    def is_floor(self, aggregate: Any) -> bool:
        """Return whether there were more users than are followed."""
        crowded: bool = aggregate.crowded
        return crowded

    def fresh(self) -> Usage:
        """Return the usage of nobody."""
        return Usage(self.keep)

    def folded_value(self, cell: Cell) -> Sequence[str]:  # noqa: ARG002 - the event itself says who
        """Return the statement that leaves in `x` the hash of the user."""
        return ["x = whose"]

    def counting(self, cell: Cell) -> str:
        """Return the statement that counts one event of the user in `x`."""
        if self.window is None:
            return f"h.add(x, {EVER})"
        width, reach = self.window
        bucket = cell.bucket(width)
        return f"if {bucket} > now // {width} - {reach}: h.add(x, {bucket})"


def bytes_of(keep: int, window: Window | None) -> int:
    """Return about how many bytes so many users come to in every bucket of a window."""
    return 30 + BYTES_EACH * keep * (window.held if window else 1)
