"""Learn where users belong and who they are, from group and identify calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from pql.core.errors import Conflict, PqlError, Unavailable
from pql.core.event import Event
from pql.core.keys import anonymous_key, user_key
from pql.core.member import Member, Members, keys_of, person_keys, teaches
from pql.engine.plan import Plan
from pql.flows.attribute import Lesson, attribute
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
        faults: dict[str, PqlError] = {}
        lessons = [event for event in events if teaches(event)]
        for key, taught in [*_of_users(lessons, members).items(), *_of_anonymous(lessons).items()]:
            try:
                self._teach(key, taught, members)
            except Unavailable:
                raise
            except Exception as caught:  # noqa: BLE001 - it would take the whole batch to the dead letters
                error = faults[key] = unforeseen(caught)
                # Who has become somebody tells of them, and must tell again.
                faults |= {one: error for event in taught if not event.user for one in keys_of(event)}
        return Learned(members, faults)

    def _read(self, keys: set[str]) -> Members:
        """Return members, and the users that anonymous ids among them have become."""
        members = self._store.members(keys)
        linked = {user_key(one.user) for one in members.values() if one.user} - keys
        if linked:
            members.update(self._store.members(linked))
        return members

    def _teach(self, key: str, lessons: Sequence[Event], members: Members) -> None:
        for attempt in range(TRIES):
            try:
                for lesson in _lessons(key, lessons, members):
                    members[lesson.key] = self._write(lesson, members)
            except Conflict:
                if attempt == TRIES - 1:
                    raise
                self._pause(wait(attempt))
                # Whoever changed it may have linked it to a user we know nothing of.
                members.update(self._read({key, *(one for event in lessons for one in keys_of(event))}))
            else:
                return

    def _write(self, lesson: Lesson, members: Members) -> Member:
        if members.get(lesson.key, Member()).moves(lesson.member):
            return attribute(self._store, self._plan, lesson, members)
        self._store.teach(lesson.key, lesson.member)
        return msgspec.structs.replace(lesson.member, version=lesson.member.version + 1)


def _of_users(lessons: Sequence[Event], members: Members) -> dict[str, list[Event]]:
    """Return what is told of users, by key: also by calls of anonymous ids that have become them."""
    linked = {key: user_key(one.user) for key, one in members.items() if one.user}
    found: dict[str, list[Event]] = defaultdict(list)
    for event in lessons:
        anonymous = anonymous_key(event.anonymous) if event.anonymous else None
        if event.user:
            found[user_key(event.user)].append(event)
            if anonymous:
                linked[anonymous] = user_key(event.user)
        elif anonymous in linked:
            found[linked[anonymous]].append(event)
    return found


def _of_anonymous(lessons: Sequence[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in lessons:
        if event.anonymous:
            found[anonymous_key(event.anonymous)].append(event)
    return found


def _lessons(key: str, events: Sequence[Event], members: Members) -> Iterator[Lesson]:
    """Yield what is to be written of `key`, and then of the user in whom it lives on."""
    before = wiser = members.get(key, Member())
    cause = events[-1]
    for event in events:
        anonymous = event.anonymous is not None and key == anonymous_key(event.anonymous)
        told = wiser.taught(event, anonymous=anonymous)
        cause = event if wiser.moves(told) else cause
        wiser = told
    if before.is_news(wiser):
        yield Lesson(key, wiser, cause)
    if wiser.user:
        user = members.get(user_key(wiser.user), Member())
        heir = user.heir(wiser)
        if heir is not user:
            yield Lesson(user_key(wiser.user), heir, cause)
