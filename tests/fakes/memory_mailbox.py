"""A queue in memory, as people look into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pql.flows.mailbox import Depth, Letter

TOGETHER = 10


@dataclass
class MemoryMailbox:
    """The `Mailbox` port over a dictionary; what was received stays hidden until it is given back."""

    held: dict[str, Letter] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    sent: int = 0

    def put(self, *bodies: str, reason: str = "") -> None:
        """Put messages into it."""
        for body in bodies:
            self.send(Letter("", body, "", reason))

    def bodies(self) -> list[str]:
        """Return what is in it, in order."""
        return [letter.body for letter in self.held.values()]

    def depth(self) -> Depth:
        """Return how full it is."""
        return Depth(len(self.held) - len(self.hidden), len(self.hidden), 0)

    def receive(self) -> Sequence[Letter]:
        """Return up to ten letters that are not hidden, and hide them."""
        found = [letter for own, letter in self.held.items() if own not in self.hidden][:TOGETHER]
        self.hidden.update(letter.id for letter in found)
        return found

    def send(self, letter: Letter) -> None:
        """Put a copy of the letter into this queue, under an id of its own."""
        self.sent += 1
        own = f"m{self.sent}"
        self.held[own] = letter._replace(id=own, receipt=own)

    def delete(self, letter: Letter) -> None:
        """Delete a letter."""
        self.held.pop(letter.receipt, None)
        self.hidden.discard(letter.receipt)

    def release(self, letter: Letter) -> None:
        """Give back a letter."""
        self.hidden.discard(letter.receipt)
