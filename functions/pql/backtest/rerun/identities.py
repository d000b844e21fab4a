"""Who is who in a rerun: what group and identify calls teach, one call after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pql.core.device import told_of_user
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
                owner = user_key(wiser.user)
                known = self.members.get(owner, NOBODY)
                user = told_of_user(known, wiser, event)
                if known.is_news(user):
                    yield from self._write(owner, user)

    @staticmethod
    def _taught(event: Event) -> Iterator[str]:
        """Yield whom a call teaches about: the user, and the device."""
        if event.user:
            yield user_key(event.user)
        if event.anonymous:
            yield anonymous_key(event.anonymous)

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
