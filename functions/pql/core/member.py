"""The member: what group and identify calls have taught about a user or an anonymous id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pql.core.event import Event, opened
from pql.core.keys import account_key, anonymous_key, user_key
from pql.core.window import HOUR

FORMER_KEPT = 8
TEXT_LIMIT = 200
_NAMES = ("name", "firstName", "first_name", "username")


class Member(msgspec.Struct, frozen=True):
    """A user or anonymous id: the account they belong to, and who they are.

    The newest teaching wins, by counted time. `former` are subject keys they were counted under
    before, newest first, at most 8: a repeat of an old event is looked up there too. `user` links an
    anonymous id to the user it became.
    """

    version: int = 0
    account: str | None = None
    account_at: int = 0
    former: tuple[str, ...] = ()
    user: str | None = None
    name: str | None = None
    email: str | None = None
    profile_at: int = 0

    def taught(self, event: Event, members: Mapping[str, Member], *, anonymous: bool) -> Member:
        """Return the member after a group or identify call; the same one if it says nothing new.

        `anonymous` says that this is the member of the event's anonymous id; `members` know the user
        it belonged to before.
        """
        changes: dict[str, Any] = {}
        left: list[str] = []
        account = event.account
        if account is not None and (event.time, account) > (self.account_at, self.account or ""):
            if account != self.account:
                left += [account_key(self.account)] if self.account else []
                changes.update(account=account, account_at=event.time)
            elif event.time - self.account_at >= HOUR:
                # Browsers repeat the group call on every page: one write an hour is enough.
                changes["account_at"] = event.time
        if anonymous and event.user and event.user != self.user:
            left += _subjects_of_user(self.user, members) if self.user else []
            changes["user"] = event.user
        if left:
            former = dict.fromkeys([*left, *self.former])
            changes["former"] = tuple(former)[:FORMER_KEPT]
        if event.type == "identify" and not anonymous and event.time >= self.profile_at:
            profile = _profile(opened(event.traits))
            if any(profile[key] not in (None, getattr(self, key)) for key in profile):
                changes.update({k: v for k, v in profile.items() if v is not None}, profile_at=event.time)
        return msgspec.structs.replace(self, **changes) if changes else self


Members = dict[str, Member]


def teaches(event: Event) -> bool:
    """Return whether the event tells where a user belongs or who they are."""
    return event.type in ("group", "identify")


def keys_of(event: Event) -> Iterator[str]:
    """Yield the member keys of the event's user and anonymous id."""
    if event.user:
        yield user_key(event.user)
    if event.anonymous:
        yield anonymous_key(event.anonymous)


def subject_of(event: Event, members: Members) -> str:
    """Return the subject an event is counted under, as far as `members` know.

    The account it names, else the account last known for its user and then for its anonymous id,
    else the user, else the anonymous id.
    """
    if event.account is not None:
        return account_key(event.account)
    user, anonymous = _known(event, members)
    for member in (user, anonymous):
        if member and member.account:
            return account_key(member.account)
    who = event.user or (anonymous.user if anonymous else None)
    return user_key(who) if who else anonymous_key(event.anonymous or "")


def other_subjects(event: Event, members: Members) -> list[str]:
    """Return the other subjects under which a copy of the event may have been counted before.

    None for an event that names its account: it always meets its copies there.
    """
    if event.account is not None:
        return []
    subjects: dict[str, None] = {}
    user, anonymous = _known(event, members)
    for member in (user, anonymous):
        if member:
            subjects.update(dict.fromkeys([account_key(member.account)] if member.account else []))
            subjects.update(dict.fromkeys(member.former))
    who = event.user or (anonymous.user if anonymous else None)
    if who:
        subjects[user_key(who)] = None
    if event.anonymous and not event.user:
        subjects[anonymous_key(event.anonymous)] = None
    subjects.pop(subject_of(event, members), None)
    return list(subjects)


def _subjects_of_user(user: str, members: Mapping[str, Member]) -> list[str]:
    """Return where events of an anonymous id were counted while it belonged to `user`."""
    known = members.get(user_key(user))
    return [user_key(user), *([account_key(known.account)] if known and known.account else [])]


def _known(event: Event, members: Members) -> tuple[Member | None, Member | None]:
    anonymous = members.get(anonymous_key(event.anonymous)) if event.anonymous else None
    who = event.user or (anonymous.user if anonymous else None)
    return (members.get(user_key(who)) if who else None), anonymous


def _profile(traits: dict[str, Any]) -> dict[str, str | None]:
    name = next(
        (traits[key] for key in _NAMES if isinstance(traits.get(key), str) and traits[key].strip()), None
    )
    last = traits.get("lastName") or traits.get("last_name")
    if name and isinstance(last, str) and not traits.get("name"):
        name = f"{name} {last}"
    email = traits.get("email")
    return {
        "name": name[:TEXT_LIMIT] if name else None,
        "email": email[:TEXT_LIMIT] if isinstance(email, str) and email else None,
    }
