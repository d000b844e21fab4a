"""The archive: what a line of it is, and what the names of its objects say.

A delivery is called `<millisecond it was counted at>-<whatever tells it apart>`, so that the order of names
is that of counting. What several were merged into has the name of the first of them, and behind it `_` with
when the last was counted, how many lines they held, a token, and the token of the first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from pql.core.event import Event

ENDING = ".jsonl.gz"
_TIMED = re.compile(r"\d{13}-")
_MERGED = re.compile(r"(\d{13}-.*)_(\d{13})-(\d+)-(\w+)-(\w+)" + re.escape(ENDING))


class Line(msgspec.Struct, frozen=True):
    """An accepted event, and the subject it was counted under."""

    subject: str
    event: Event


class Merged(NamedTuple):
    """What the name of a merged object says: where it begins and ends, and how many lines it was given.

    The first object that went into it had the same `stem` and the token `first`.
    """

    stem: str
    last: int
    lines: int
    token: str
    first: str

    @property
    def name(self) -> str:
        """Return the name that says so."""
        return f"{self.stem}_{self.last:013}-{self.lines}-{self.token}-{self.first}{ENDING}"


def merged(name: str) -> Merged | None:
    """Return what an object's name says if it is a merged one; an erasure may have left fewer lines."""
    found = _MERGED.fullmatch(name)
    return Merged(found[1], int(found[2]), int(found[3]), found[4], found[5]) if found else None


def named(counted: int, rest: str) -> str:
    """Return the name of what was counted at that moment, in epoch ms."""
    return f"{counted:013}-{rest}"


def order_of(name: str, written: int) -> str:
    """Return what sorts an object by when it was counted: its name, once that begins with the moment.

    Names without one are sorted by when the object was `written`, in epoch ms.
    """
    return name if _TIMED.match(name) else named(written, name)


def counted_at(order: str) -> int:
    """Return when that was, in epoch ms."""
    return int(order[:13])
