"""A queue as SQS hands out its messages: at least once, again unless deleted, and to the dead in the end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

VISIBILITY: Final = 180_000
RECEIVES: Final = 20


@dataclass
class Letter:
    """A message: it is handed out when `visible`, epoch ms, and was so many times."""

    id: str
    body: str
    sent: int
    visible: int
    receives: int = 0


@dataclass
class Mailbox:
    """Messages that wait, and those that were handed out too often."""

    clock: Callable[[], int]
    receives: int = RECEIVES
    visibility: int = VISIBILITY
    waiting: dict[str, Letter] = field(default_factory=dict)
    dead: dict[str, Letter] = field(default_factory=dict)
    sent: int = 0

    def send(self, body: str) -> None:
        """Take a message."""
        self.sent += 1
        name = f"m{self.sent}"
        self.waiting[name] = Letter(name, body, self.clock(), 0)

    def take(self, most: int, chance: random.Random | None = None) -> list[Letter]:
        """Hand out messages, in any order if there is a chance; they stay here until they are deleted."""
        now = self.clock()
        ready = [one for one in self.waiting.values() if one.visible <= now]
        if chance is not None:
            ready = chance.sample(ready, min(most, len(ready)))
        taken = []
        for letter in ready[:most]:
            letter.receives += 1
            letter.visible = now + self.visibility
            if letter.receives > self.receives:
                self.dead[letter.id] = self.waiting.pop(letter.id)
            else:
                taken.append(letter)
        return taken

    def delete(self, ids: Iterable[str]) -> None:
        """Forget messages."""
        for one in ids:
            self.waiting.pop(one, None)

    def keep_back(self, letter: str, seconds: int) -> None:
        """Hand a message out again after so many seconds."""
        if letter in self.waiting:
            self.waiting[letter].visible = self.clock() + seconds * 1000

    def redrive(self) -> int:
        """Put the dead back, as new as they were when they came; return how many."""
        back = len(self.dead)
        for letter in self.dead.values():
            letter.receives, letter.visible = 0, 0
            self.waiting[letter.id] = letter
        self.dead.clear()
        return back
