"""Who is who in a rerun: what group and identify calls teach, one call after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pql.core.event import Event
from pql.core.keys import anonymous_key, as_person, user_key
from pql.core.member import Member, Members, home, person_left, places

NOBODY = Member()


class Step(NamedTuple):
    """Somebody is counted elsewhere from now on: what was counted of `left` becomes part of `into`."""

    left: str
    into: str


class Identities:
    """The members that calls have taught about, as the live engine keeps them in its table.

    With `people` they are also followed as single people.
    """

    def __init__(self, *, people: bool) -> None:
        self.members: Members = {}
        self._people = people

    def learn(self, event: Event) -> Iterator[Step]:
        """Learn from a group or identify call, and yield what is folded into what by it, in order.

        Each step is to be taken before the next is asked for.
        """
        for key in self._taught(event):
            member = self.members.get(key, NOBODY)
            is_anonymous = event.anonymous is not None and key == anonymous_key(event.anonymous)
            wiser = member.taught(event, anonymous=is_anonymous)
            if member.is_news(wiser):
                yield from self._write(key, wiser)
            if wiser.user:
                known = self.members.get(user_key(wiser.user), NOBODY)
                heir = known.heir(wiser)
                if heir is not known:
                    yield from self._write(user_key(wiser.user), heir)

    def _taught(self, event: Event) -> Iterator[str]:
        """Yield whom a call teaches about: the user, named or known by the device, and the device."""
        device = anonymous_key(event.anonymous) if event.anonymous else None
        if event.user:
            yield user_key(event.user)
        elif device in self.members and (became := self.members[device].user):
            yield user_key(became)
        if device:
            yield device

    def _write(self, key: str, wiser: Member) -> Iterator[Step]:
        """Take a member, and yield what its own row, if that was counted under its key, becomes part of."""
        before = self.members.get(key, NOBODY)
        left = home(key, self.members)
        self.members[key] = wiser
        if not before.moves(wiser):
            return
        into = home(key, self.members)
        behind = list(places(user_key(before.user), self.members)) if before.user else [left]
        self.members[key] = wiser.leaving(one for one in behind if one != key)
        if left == key:
            yield Step(left, into)
        if self._people and (person := person_left(key, before, wiser)) and person[0] == as_person(key):
            yield Step(*person)
