"""Learn where users belong and who they are, from group and identify calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import msgspec

from pql.core.errors import Conflict
from pql.core.event import Event
from pql.core.keys import anonymous_key, user_key
from pql.core.member import Member, Members, keys_of, teaches
from pql.flows.ports import Store

TRIES = 5


def learn(store: Store, events: Sequence[Event], pause: Callable[[float], None]) -> Members:
    """Return the members behind `events`, once what the events teach about them is written.

    Nothing is written for what is known already. Raises `Unavailable`, or `Conflict` after five
    tries against other writers.
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
    for key, taught in lessons.items():
        members[key] = _teach(store, key, members.get(key, Member()), taught, pause)
    return members


def _teach(
    store: Store, key: str, member: Member, lessons: Sequence[Event], pause: Callable[[float], None]
) -> Member:
    for attempt in range(TRIES):
        wiser = member
        for event in lessons:
            anonymous = event.anonymous is not None and key == anonymous_key(event.anonymous)
            wiser = wiser.taught(event, anonymous=anonymous)
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
