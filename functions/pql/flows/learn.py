"""Learn where users belong and who they are, from group and identify calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from pql.core.errors import Conflict, PqlError, Unwritable
from pql.core.event import Event
from pql.core.keys import anonymous_key, user_key
from pql.core.member import Member, Members, keys_of, teaches
from pql.flows.ports import Store

TRIES = 5


class Learned(NamedTuple):
    """The members behind some events, and why a member's lessons could not be written, by key."""

    members: Members
    faults: dict[str, PqlError]


def learn(store: Store, events: Sequence[Event], pause: Callable[[float], None]) -> Learned:
    """Return the members behind `events`, once what the events teach about them is written.

    Nothing is written for what is known already. A member that other writers keep changing, or that
    the table refuses, is a fault of its own and stops nobody else. Raises `Unavailable`.
    """
    keys = {key for event in events if teaches(event) or event.account is None for key in keys_of(event)}
    members = store.members(keys)
    linked = {user_key(one.user) for one in members.values() if one.user} - keys
    if linked:
        members.update(store.members(linked))
    lessons: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if teaches(event):
            for key in keys_of(event):
                lessons[key].append(event)
    faults: dict[str, PqlError] = {}
    for key, taught in lessons.items():
        try:
            members[key] = _teach(store, key, members, taught, pause)
        except (Conflict, Unwritable) as error:
            faults[key] = error
    return Learned(members, faults)


def _teach(
    store: Store, key: str, members: Members, lessons: Sequence[Event], pause: Callable[[float], None]
) -> Member:
    member = members.get(key, Member())
    for attempt in range(TRIES):
        wiser = member
        for event in lessons:
            anonymous = event.anonymous is not None and key == anonymous_key(event.anonymous)
            wiser = wiser.taught(event, members, anonymous=anonymous)
        if wiser is member:
            return member
        try:
            store.teach(key, wiser)
        except Conflict:
            pause(0.02 * 2**attempt)
            member = store.members([key]).get(key, Member())
        else:
            return msgspec.structs.replace(wiser, version=member.version + 1)
    raise Conflict("a member kept changing under our hands")
