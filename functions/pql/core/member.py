"""The member: what group and identify calls have taught about a user or an anonymous id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from pql.core.event import Event, opened
from pql.core.keys import account_key, anonymous_key, as_person, person_key, user_key, visitor_key
from pql.core.window import HOUR

FORMER_KEPT = 8
TEXT_LIMIT = 200
_NAMES = ("name", "firstName", "first_name", "username")


class Member(msgspec.Struct, frozen=True):
    """A user or anonymous id: the account they belong to, and who they are.

    The newest teaching wins, by counted time. `user` links an anonymous id to the user it became;
    from then on that user's member decides, and the `account` of the anonymous id no longer counts.
    `former` are subject keys that were left with what had been counted under them, newest first, at
    most 8: a repeat of an old event is looked up there too.
    """

    version: int = 0
    account: str | None = None
    account_at: int = 0
    former: tuple[str, ...] = ()
    user: str | None = None
    user_at: int = 0
    name: str | None = None
    email: str | None = None
    profile_at: int = 0

    def taught(self, event: Event, *, anonymous: bool) -> Member:
        """Return the member after a group or identify call; the same one if it says nothing new.

        `anonymous` says that this is the member of the event's anonymous id. The newest teaching of who
        somebody is or belongs to wins; their name is that of the newest call that changed it, so that
        browsers which repeat the same on every page cost no write.
        """
        changes: dict[str, Any] = {}
        if anonymous and event.user:
            if (event.time, event.user) > (self.user_at, self.user or ""):
                changes.update(user=event.user, user_at=event.time)
        elif event.account is not None and self.user is None:
            changes.update(self._moved_to(event.account, event.time))
        is_about = not (anonymous and event.user)  # a device is nobody's name
        if event.type == "identify" and is_about and event.time >= self.profile_at:
            profile = _profile(opened(event.traits))
            if any(profile[key] not in (None, getattr(self, key)) for key in profile):
                changes.update({k: v for k, v in profile.items() if v is not None}, profile_at=event.time)
        return msgspec.structs.replace(self, **changes) if changes else self

    def heir(self, anonymous: Member) -> Member:
        """Return the user in whom an anonymous id lives on: without an account it takes that one's."""
        if self.account is not None or anonymous.account is None:
            return self
        return msgspec.structs.replace(self, **self._moved_to(anonymous.account, anonymous.account_at))

    def leaving(self, subjects: Iterable[str]) -> Member:
        """Return the member that remembers to have left `subjects`."""
        former = dict.fromkeys([*subjects, *self.former])
        return msgspec.structs.replace(self, former=tuple(former)[:FORMER_KEPT])

    def never_left(self, subjects: AbstractSet[str]) -> Member:
        """Return the member that does not know of having left any of `subjects`."""
        former = tuple(one for one in self.former if one not in subjects)
        return msgspec.structs.replace(self, former=former)

    def moves(self, wiser: Member) -> bool:
        """Return whether `wiser` may be counted elsewhere than this member."""
        return (self.account, self.user) != (wiser.account, wiser.user)

    def is_news(self, wiser: Member) -> bool:
        """Return whether `wiser` is worth a write over this member.

        Browsers repeat the same call on every page. For somebody who never left a place one write an
        hour is enough; who did is in two places at times, and the very last call must win.
        """
        if msgspec.structs.replace(wiser, account_at=self.account_at, user_at=self.user_at) != self:
            return True
        later = max(wiser.account_at - self.account_at, wiser.user_at - self.user_at)
        return later >= (1 if self.former else HOUR)

    def _moved_to(self, account: str, at: int) -> dict[str, Any]:
        newer = (at, account) > (self.account_at, self.account or "")
        return {"account": account, "account_at": at} if newer else {}


Members = dict[str, Member]


def teaches(event: Event) -> bool:
    """Return whether the event tells where a user belongs or who they are."""
    return event.type in ("group", "identify")


def actor_key(event: Event) -> str:
    """Return the member key of who did it: the user, else the anonymous id."""
    return user_key(event.user) if event.user else anonymous_key(event.anonymous or "")


def keys_of(event: Event) -> Iterator[str]:
    """Yield the member keys that the event's subject, or its lesson, begins with."""
    if teaches(event):
        if event.user:
            yield user_key(event.user)
        if event.anonymous:
            yield anonymous_key(event.anonymous)
    elif event.account is None:
        yield actor_key(event)


def chain(key: str, members: Mapping[str, Member]) -> list[str]:
    """Return the members that decide where `key` is counted: itself, and the user it became."""
    member = members.get(key)
    return [key, user_key(member.user)] if member and member.user else [key]


def home(key: str, members: Mapping[str, Member]) -> str:
    """Return the subject that `key` is counted under when no account is named.

    The account of the last in its chain, else the last in its chain: nothing else decides, so that
    whoever changes a member knows the one subject that is left.
    """
    last = chain(key, members)[-1]
    member = members.get(last)
    return account_key(member.account) if member and member.account else last


def subject_of(event: Event, members: Mapping[str, Member]) -> str:
    """Return the subject an event is counted under: the account it names, else its actor's home."""
    return account_key(event.account) if event.account is not None else home(actor_key(event), members)


def other_subjects(event: Event, members: Mapping[str, Member]) -> list[str]:
    """Return the other subjects under which a copy of the event may have been counted before.

    None for an event that names its account: it always meets its copies there.
    """
    if event.account is not None:
        return []
    subjects = dict.fromkeys(places(actor_key(event), members))
    subjects.pop(subject_of(event, members), None)
    return list(subjects)


def places(key: str, members: Mapping[str, Member]) -> Iterator[str]:
    """Yield every subject that `key` may have been counted under, the present one first."""
    yield home(key, members)
    for one in reversed(chain(key, members)):
        yield from members[one].former if one in members else ()
        yield one


def basis(event: Event, members: Mapping[str, Member]) -> dict[str, int]:
    """Return the versions of the members that the event's subject rests on, by key."""
    if event.account is not None:
        return {}
    return {key: version_of(key, members) for key in chain(actor_key(event), members)}


def person_keys(event: Event) -> Iterator[str]:
    """Yield the member key that decides which person the event is of: none where a user is named."""
    if not event.user and event.anonymous:
        yield anonymous_key(event.anonymous)


def person_of(event: Event, members: Mapping[str, Member]) -> str | None:
    """Return the subject of the person whose event it is, whatever accounts they belong to.

    A user is one person for ever; an anonymous id is a visitor until it becomes a user. None if the event
    says nobody.
    """
    if event.user:
        return person_key(event.user)
    if not event.anonymous:
        return None
    return as_person(chain(anonymous_key(event.anonymous), members)[-1])


def other_people(event: Event, members: Mapping[str, Member]) -> list[str]:
    """Return the other people under whom a copy of the event may have been counted before.

    None for an event that names its user. An anonymous id was a visitor, and those whose it was before.
    """
    if event.user or not event.anonymous:
        return []
    key = anonymous_key(event.anonymous)
    known = members[key].former if key in members else ()
    people = dict.fromkeys([visitor_key(event.anonymous), *map(as_person, filter(_is_user, known))])
    people.pop(str(person_of(event, members)), None)
    return list(people)


def person_basis(event: Event, members: Mapping[str, Member]) -> dict[str, int]:
    """Return the versions of the members that the event's person rests on, by key."""
    return {key: version_of(key, members) for key in person_keys(event)}


def person_left(key: str, before: Member, after: Member) -> tuple[str, str] | None:
    """Return the person that `key` ceases to be, and the one it is from now on; None if it stays one."""
    if before.user == after.user or not after.user:
        return None
    return person_key(before.user) if before.user else as_person(key), person_key(after.user)


def version_of(key: str, members: Mapping[str, Member]) -> int:
    """Return the version of a member; 0 is one that does not exist."""
    return members[key].version if key in members else 0


def _is_user(key: str) -> bool:
    return key.startswith("u:")


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
