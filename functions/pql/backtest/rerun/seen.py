"""Which events a rerun has counted: their ids in eight bytes each, by the day of their own time."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left

from pql.core.event import Event
from pql.core.window import DAY

# How far apart copies without a time of their own are looked for (`pql.core.dedup`).
RESEND_DAYS = 2
_UNTIMED = 1 << 40


class Seen:
    """Remembers (subject, event) pairs for `keep` days after the last receipt on the same own day.

    A pair is 64 bits of the event's id and the subject: of ten million pairs two are taken for one with a
    chance of 3 in a million. Days that are over are sorted arrays; a day that still fills is a set.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._days: dict[int, _Day] = {}
        self._today = 0

    def add(self, salt: int, event: Event) -> bool:
        """Note that the event was counted for the subject of `salt`; return whether it is new there."""
        today = event.received // DAY
        if today > self._today:
            self._turn(today)
        day = self._day(day_of(event))
        before = len(day.young)
        pair = salt ^ int(event.id[:16], 16)
        day.young.add(pair)
        if len(day.young) == before:
            return False
        if day.old and day.has(pair):
            day.young.discard(pair)
            return False
        if event.own is None and self._is_near(pair, event):
            day.young.discard(pair)
            return False
        day.last = self._today
        return True

    def has(self, salt: int, event: Event) -> bool:
        """Return whether the event was counted for the subject of `salt`."""
        pair = salt ^ int(event.id[:16], 16)
        day = self._days.get(day_of(event))
        if day is not None and (pair in day.young or day.has(pair)):
            return True
        return event.own is None and self._is_near(pair, event)

    def _is_near(self, pair: int, event: Event) -> bool:
        """Return whether an event without a time of its own was received in the days around it."""
        middle = day_of(event)
        near = (self._days.get(middle + away) for away in range(-RESEND_DAYS, RESEND_DAYS + 1) if away)
        return any(day is not None and (pair in day.young or day.has(pair)) for day in near)

    def _day(self, number: int) -> _Day:
        day = self._days.get(number)
        if day is None:
            day = self._days[number] = _Day(self._today)
        return day

    def _turn(self, today: int) -> None:
        """Drop the days of which no copy can count any more, and sort away those that have filled."""
        self._today = today
        for number, day in list(self._days.items()):
            if day.last < today - self._keep:
                del self._days[number]
            elif day.young and day.last < today - 1:
                day.settle()


class _Day:
    """The pairs of one day: `young` are not sorted away yet; `last` is the day when one was added."""

    __slots__ = ("last", "old", "young")

    def __init__(self, today: int) -> None:
        self.last = today
        self.old = array("Q")
        self.young: set[int] = set()

    def has(self, pair: int) -> bool:
        """Return whether the pair has been sorted away."""
        place = bisect_left(self.old, pair)
        return place < len(self.old) and self.old[place] == pair

    def settle(self) -> None:
        """Sort the young pairs away."""
        self.old = array("Q", sorted([*self.old, *self.young]))
        self.young = set()


def salt_of(subject: str) -> int:
    """Return the 64 bits that stand for a subject in a pair."""
    return int.from_bytes(hashlib.blake2b(subject.encode(), digest_size=8).digest(), "big")


def day_of(event: Event) -> int:
    """Return the day an event is looked for under: that of its own time, else of its receipt."""
    return event.own // DAY if event.own is not None else _UNTIMED + event.received // DAY
