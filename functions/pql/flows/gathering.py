"""Gathering: which deliveries may be counted at once, and all is as if one had been counted after the other.

The calls of a batch are learned before any of its events is counted. So a call that moves somebody, or
renames them, must not be counted together with what came in deliveries before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pql.core.archived import merged
from pql.core.event import Event
from pql.core.keys import anonymous_key, user_key
from pql.core.member import Member, teaches

# What is remembered of users and devices, some 300 bytes each; from then on every call may be news.
KNOWN = 500_000
_FIELDS = ("user", "account", "name", "email")
_PERHAPS = ""
Place = tuple[str, str]  # a member's key and a field of it


class Gathering:
    """Events that wait to be counted together.

    `from_nothing` says that the table was empty before the first of them: then somebody of whom every call
    has told the same is what it says, and the next such call changes nothing.
    """

    def __init__(self, *, from_nothing: bool) -> None:
        self.events: list[Event] = []
        self._knows = from_nothing
        self._told: dict[Place, tuple[str, ...]] = {}
        self._new: set[Place] = set()  # what those who wait have told first

    def takes(self, delivery: Sequence[Event]) -> bool:
        """Return whether nothing that a delivery teaches can be news."""
        lessons = [event for event in delivery if teaches(event)]
        if not self.events or not lessons:
            return True
        return self._knows and not any(
            self._is_news(*one) for lesson in lessons for one in self._says(lesson)
        )

    def add(self, delivery: Sequence[Event]) -> None:
        """Let the events of a delivery wait."""
        self.events += delivery
        for lesson in delivery if self._knows else ():
            for place, what in self._says(lesson) if teaches(lesson) else ():
                told = self._told.get(place, ())
                if what not in told:
                    self._told[place] = (*told, what)
                    self._new.add(place)
        if len(self._told) > KNOWN:
            self._told.clear()
            self._knows = False

    def empty(self) -> list[Event]:
        """Return what waits, to be counted now."""
        events, self.events = self.events, []
        self._new.clear()
        return events

    def _is_news(self, place: Place, what: str) -> bool:
        return what == _PERHAPS or self._told.get(place) != (what,) or place in self._new

    def _says(self, lesson: Event) -> Iterator[tuple[Place, str]]:
        """Yield what a call tells of its user, or of its device and whose that is."""
        if not lesson.anonymous:
            yield from _fields(user_key(lesson.user or ""), lesson)
            return
        device = anonymous_key(lesson.anonymous)
        owners = self._told.get((device, "user"), ())
        for place, what in _fields(device, lesson, anonymous=True):
            if place[1] != "account" or not owners:
                yield place, what
        if lesson.user:
            user = user_key(lesson.user)
            yield from _fields(user, lesson)
            if (device, "account") in self._told:
                yield (user, "account"), _PERHAPS  # who has no account takes the device's along
        else:
            yield from ((place, _PERHAPS) for one in owners for place, _ in _fields(user_key(one), lesson))


def learned_at_once(deliveries: Iterable[tuple[str, Sequence[Event]]]) -> Iterator[Sequence[Event]]:
    """Yield the events of each delivery, by names and parts of them in the order in which they were counted.

    A delivery around midnight lies under two days. Of what is merged nobody knows which deliveries it was:
    each event is taken for one.
    """
    for name, parts in groupby(deliveries, key=lambda one: one[0].rpartition("/")[2]):
        events = [event for _, part in parts for event in part]
        yield from ([event] for event in events) if merged(name) else [events]


def _fields(key: str, lesson: Event, *, anonymous: bool = False) -> Iterator[tuple[Place, str]]:
    member = Member().taught(lesson, anonymous=anonymous)
    for field in _FIELDS:
        if (what := getattr(member, field)) is not None:
            yield (key, field), what
