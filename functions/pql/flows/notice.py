"""What the watch has to say of a rule, and how it says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from pql.backtest.drift.band import Band
from pql.core.plain_words import iso
from pql.rules.signals.signal import ANY

Kind = Literal["blind", "flood", "drought", "precision", "better"]


class Notice(NamedTuple):
    """Something is not as it was with a rule.

    `event` is what it does not see any more, `band` the one that it has left.
    """

    kind: Kind
    rule: str
    words: str
    event: str = ""
    band: Band | None = None

    @property
    def key(self) -> str:
        """Return what tells it from others."""
        return f"{self.kind} {self.rule} {self.event}".rstrip()


def letter(
    new: Iterable[Notice], over: Iterable[str], usual: Iterable[Notice], shadowed: Mapping[str, str | None]
) -> Iterator[str]:
    """Yield the lines of a message: what is new, what was done about it, what is over, and what is usual now.

    `over` are keys of notices, `usual` is what has lasted. Of each rule in shadow `shadowed` says how it
    stood there before, None if it was put there now.
    """
    for notice in new:
        yield notice.words
    for rule, before in shadowed.items():
        if before is None:
            yield f"{rule} is in shadow now: its leads are made and nobody is told; pql rules live {rule}"
        else:
            yield f"{rule} is left as it was: {before}"
    for key in over:
        _, rule, *event = key.split(" ", 2)
        yield f"{rule} sees {event_words(*event)} again" if event else f"{rule} is within its band again"
    for notice in usual:
        yield notice.words


def usual_words(since: int) -> str:
    """Return that what has been so since a moment (epoch ms) is usual."""
    return f"since {iso(since)}, which is taken as usual from now on"


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
