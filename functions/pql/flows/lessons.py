"""What group and identify calls teach, call by call, before any of it is written."""

from __future__ import annotations

from collections.abc import Sequence

from pql.core.device import told_of_user
from pql.core.event import Event
from pql.core.keys import account_key, anonymous_key, user_key
from pql.core.member import Member, Members
from pql.flows.attribute import Lesson

NOBODY = Member()


class Lessons:
    """What `calls`, in their order, teach about the members that were read."""

    def __init__(self, calls: Sequence[Event], members: Members) -> None:
        self._members = members
        self._wiser: dict[str, Member] = {}
        self._causes: dict[str, Event] = {}
        # Devices as of the last call that changed where they belong.
        self._owned: dict[str, Member] = {}
        self._told: list[tuple[str, Event]] = []
        for call in calls:
            if call.user:
                key = user_key(call.user)
                before = self._held(key)
                self._tell(key, before, before.taught(call, anonymous=False), call)
            if call.anonymous:
                self._hear_of_device(anonymous_key(call.anonymous), call)

    def news(self) -> list[Lesson]:
        """Return what is worth a write: of users first, for devices go where their users are."""
        members = self._members
        found = [
            Lesson(key, wiser, self._causes[key])
            for key, wiser in self._wiser.items()
            if members.get(key, NOBODY).is_news(wiser)
        ]
        return sorted(found, key=lambda one: one.key in self._owned)

    def told(self, key: str) -> list[Event]:
        """Return the calls that spoke of somebody: of a user also those of their devices."""
        return [call for one, call in self._told if one == key]

    def _hear_of_device(self, key: str, call: Event) -> None:
        before = self._held(key)
        after = self._tell(key, before, before.taught(call, anonymous=True), call)
        if before.moves(after):
            self._owned[key] = after
        owned = self._owned.setdefault(key, before)
        if owned.user:
            owner = user_key(owned.user)
            user = self._held(owner)
            self._tell(owner, user, told_of_user(user, owned, call), call)

    def _tell(self, key: str, before: Member, after: Member, call: Event) -> Member:
        """Note what somebody becomes by a call; the last that moves them is the cause.

        Where they were between two calls is remembered, though nothing was counted there: a copy of a call
        from then must neither take them back nor speak of who has their device by now.
        """
        if before.moves(after):
            after = after.leaving(_left(before))
            self._causes[key] = call
        else:
            self._causes.setdefault(key, call)
        self._wiser[key] = after
        self._told.append((key, call))
        return after

    def _held(self, key: str) -> Member:
        return self._wiser.get(key) or self._members.get(key, NOBODY)


def _left(before: Member) -> list[str]:
    """Return the place that somebody leaves, but for their own key."""
    if before.user:
        return [user_key(before.user)]
    return [account_key(before.account)] if before.account else []
