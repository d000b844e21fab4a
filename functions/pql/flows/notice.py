"""What the watch has to say of a rule, and how it says it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from pql.rules.signals.signal import ANY

Kind = Literal["blind", "flood", "drought", "precision", "better"]


class Notice(NamedTuple):
    """Something is not as it was with a rule; `event` is what it does not see any more."""

    kind: Kind
    rule: str
    words: str
    event: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from others."""
        return f"{self.kind} {self.rule} {self.event}".rstrip()


def letter(new: Sequence[Notice], over: Sequence[str], shadowed: Collection[str]) -> Iterator[str]:
    """Yield the lines of a message: what is new, what was done about it, and what is over."""
    for notice in new:
        yield notice.words
    for rule in shadowed:
        yield f"{rule} is in shadow now: its leads are made and nobody is told; pql rules live {rule}"
    for key in over:
        _, rule, *event = key.split(" ", 2)
        yield f"{rule} sees {event_words(*event)} again" if event else f"{rule} is within its band again"


def event_words(event: str) -> str:
    """Return an event as people write it: `track:reportcreated` is `reportcreated`, `page:*` a page call."""
    kind, _, name = event.partition(":")
    if name == "*":
        return "call" if kind == ANY else f"{kind} call"
    return f"`{name}`" if kind in ("track", ANY) else f"{kind} `{name}`"


def hours_words(hours: int) -> str:
    """Return so many hours in words."""
    if hours < 48:
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{hours // 24} days"
