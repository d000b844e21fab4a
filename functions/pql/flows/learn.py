"""Learn where users belong and who they are, from group and identify calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from pql.core.errors import Conflict, PqlError, Unavailable
from pql.core.event import Event
from pql.core.keys import user_key
from pql.core.member import Member, Members, keys_of, person_keys, teaches
from pql.engine.plan import Plan
from pql.flows.attribute import Lesson, attribute
from pql.flows.lessons import Lessons
from pql.flows.outcome import unforeseen
from pql.flows.ports import Store
from pql.flows.tries import TRIES, wait


class Learned(NamedTuple):
    """The members behind some events, and why a member's lessons could not be written, by key."""

    members: Members
    faults: dict[str, PqlError]


class Learner:
    """Learns from events against a store. `pause` waits between tries, in seconds."""

    def __init__(self, store: Store, plan: Plan, pause: Callable[[float], None]) -> None:
        self._store = store
        self._plan = plan
        self._pause = pause

    def learn(self, events: Sequence[Event], people: Sequence[Event] = ()) -> Learned:
        """Return the members behind `events`, once what the events teach about them is written.

        Of `people`, events among them, the members behind their person are returned as well.

        Nothing is written for what is known already. A member that other writers keep changing,
        or that cannot be written for whatever else, is a fault of its own and stops nobody else. Raises
        `Unavailable`.
        """
        wanted = {key for event in events for key in keys_of(event)}
        members = self._read(wanted | {key for event in people for key in person_keys(event)})
        return Learned(members, self._teach([event for event in events if teaches(event)], members))

    def _read(self, keys: set[str]) -> Members:
        """Return members, and the users that anonymous ids among them have become."""
        members = self._store.members(keys)
        linked = {user_key(one.user) for one in members.values() if one.user} - keys
        if linked:
            members.update(self._store.members(linked))
        return members

    def _teach(self, calls: Sequence[Event], members: Members) -> dict[str, PqlError]:
        """Write what the calls teach, take it into `members`, and return why something was not, by key."""
        faults: dict[str, PqlError] = {}
        tries: Counter[str] = Counter()
        lessons = Lessons(calls, members)
        news = lessons.news()
        while news:
            lesson = news.pop(0)
            key = lesson.key
            try:
                members[key] = self._write(lesson, members)
            except Unavailable:
                raise
            except Exception as caught:  # noqa: BLE001 - it would take the whole batch to the dead letters
                tries[key] += 1
                told = lessons.told(key)
                if isinstance(caught, Conflict) and tries[key] < TRIES:
                    self._pause(wait(tries[key] - 1))
                    # Whoever changed it may have linked it to a user we know nothing of.
                    members.update(self._read({key, *(one for event in told for one in keys_of(event))}))
                    lessons = Lessons(calls, members)
                    news = [one for one in lessons.news() if one.key not in faults]
                else:
                    error = faults[key] = unforeseen(caught)
                    # Who has become somebody tells of them, and must tell again.
                    faults |= {one: error for event in told if not event.user for one in keys_of(event)}
        return faults

    def _write(self, lesson: Lesson, members: Members) -> Member:
        if members.get(lesson.key, Member()).moves(lesson.member):
            return attribute(self._store, self._plan, lesson, members)
        self._store.teach(lesson.key, lesson.member)
        return msgspec.structs.replace(lesson.member, version=lesson.member.version + 1)
