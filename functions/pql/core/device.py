"""The device: what calls on it say of the user whose it is by now."""

from __future__ import annotations

from pql.core.event import Event
from pql.core.member import FORMER_KEPT, Member


def told_of_user(user: Member, device: Member, event: Event) -> Member:
    """Return the user once a call on their device is known; the same one if it says nothing of them.

    `device` is its member as of the last call that changed where it belongs, at the latest this one. A call
    that names nobody speaks of the user only if it is newer than the one that made the device theirs.
    An older one was made by a visitor, or by whoever had the device before, and may be a copy that comes
    after the device has changed hands.
    """
    heir = user.heir(device)
    if event.user is not None:
        return heir
    if event.time > device.user_at:
        return heir.taught(event, anonymous=False)
    if event.account is None or _was_anothers(device):
        return heir
    return heir.heir(Member(account=event.account, account_at=event.time))


def _was_anothers(device: Member) -> bool:
    """Return whether a device has left a user, or so many places that they may have been pushed out."""
    return len(device.former) == FORMER_KEPT or any(one.startswith("u:") for one in device.former)
