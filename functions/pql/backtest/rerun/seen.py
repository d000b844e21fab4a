"""Which events a rerun has counted: their ids in eight bytes each, by the day of their own time."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left

from pql.core.dedup import EPOCH_DAYS, KEEP_DAYS
from pql.core.event import Event
from pql.core.window import DAY

# What has no time of its own is known by the epoch of its receipt, above all days (`pql.core.dedup`).
_UNTIMED = 1 << 40
_EPOCH = EPOCH_DAYS * DAY


class Seen:
    """Remembers (subject, event) pairs for `keep` days after the last receipt on the same own day.

    A pair is 64 bits of the event's id and the subject: of ten million pairs two are taken for one with a
    chance of 3 in a million. Days that are over are sorted arrays; a day that still fills is a set.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._days: dict[int, _Day] = {}
        self._today = 0
        self._tomorrow = DAY  # when it begins, epoch ms

    def add(self, salt: int, event: Event) -> bool:
        """Note that the event was counted for the subject of `salt`; return whether it is new there."""
        received, own = event.received, event.own
        if received >= self._tomorrow:
            self._turn(received // DAY)
        number = own // DAY if own is not None else day_of(event)
        day = self._days.get(number)
        if day is None:
            day = self._days[number] = _Day(self._today)
        young = day.young
        before = len(young)
        pair = salt ^ int(event.id[:16], 16)
        young.add(pair)
        if len(young) == before:
            return False
        if (day.old and day.has(pair)) or (own is None and self._is_near(pair, event)):
            young.discard(pair)
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
        """Return whether an event without a time of its own was received in the epochs beside."""
        middle = day_of(event)
        near = (self._days.get(middle + away) for away in (-1, 1))
        return any(day is not None and (pair in day.young or day.has(pair)) for day in near)

    def _turn(self, today: int) -> None:
        """Drop the days of which no copy can count any more, and sort away those that have filled."""
        self._today, self._tomorrow = today, (today + 1) * DAY
        for number, day in list(self._days.items()):
            if day.last < today - (self._keep if number < _UNTIMED else KEEP_DAYS):
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
    """Return the day an event is looked for under: that of its own time, else the epoch of its receipt."""
    return event.own // DAY if event.own is not None else _UNTIMED + event.received // _EPOCH
