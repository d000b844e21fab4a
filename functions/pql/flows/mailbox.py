"""A queue as people look into it: letters that are read, moved and deleted, and those that stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from pql.core.keys import LeadKey
from pql.flows.channels import Waiting

# So many times in a row nothing new came: what is left of the queue has been seen.
KNOWN = 20


class Letter(NamedTuple):
    """A message as its queue handed it out, until it is deleted or given back."""

    id: str
    body: str
    receipt: str
    reason: str = ""
    group: str = ""


class Depth(NamedTuple):
    """How many messages wait in a queue, are being worked on, and wait for their time."""

    waiting: int
    in_flight: int
    delayed: int


class Mailbox(Protocol):
    """A queue as people look into it. All of it raises `Unavailable`."""

    def depth(self) -> Depth:
        """Return about how full it is."""

    def receive(self) -> Sequence[Letter]:
        """Return up to ten letters that nobody else is handed meanwhile, or none."""

    def send(self, letter: Letter) -> None:
        """Put a copy of the letter into this queue."""

    def delete(self, letter: Letter) -> None:
        """Delete a letter that was received here."""

    def release(self, letter: Letter) -> None:
        """Give back a letter that was received here, for others to receive."""


class Parked(Protocol):
    """What waits for channels, and what can be done about it. All of it raises `Unavailable`."""

    def every(self) -> Sequence[tuple[str, Waiting]]:
        """Return everything that waits, with its channel."""

    def remove(self, channel: str, created: int, key: LeadKey) -> None:
        """Cross out a delivery."""

    def lift(self, channel: str) -> None:
        """End the rest of a channel; one that does not rest is no fault."""


def letters(mailbox: Mailbox) -> Iterator[Letter]:
    """Yield what waits in a mailbox, each letter once, however often it is handed out meanwhile.

    Ends when nothing comes, or nothing but what came before: that stays hidden for a while only.
    """
    seen: set[str] = set()
    known = 0
    while known < KNOWN and (received := mailbox.receive()):
        fresh = [letter for letter in received if letter.id not in seen]
        known = 0 if fresh else known + 1
        seen.update(letter.id for letter in fresh)
        yield from fresh


@contextmanager
def keeping(mailbox: Mailbox) -> Iterator[list[Letter]]:
    """Give back, at the end and not before, the letters that are put on the list.

    Given back at once they would be handed out again, in the place of others. Raises `Unavailable`.
    """
    kept: list[Letter] = []
    try:
        yield kept
    finally:
        for letter in kept:
            mailbox.release(letter)
