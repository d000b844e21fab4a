"""Whom to erase: what of a lead, an event or a text is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

import msgspec

from pql.core.clean_text import ELLIPSIS
from pql.core.erased_words import ERASED, is_certain, sayer
from pql.core.event import Event
from pql.core.identity import id_text
from pql.core.keys import account_key, anonymous_key, as_person, readable, user_key
from pql.core.lead import Lead, Operand
from pql.core.lead_message import Condition, LeadMessage
from pql.core.member import Member, home, places

# So much of a long id is shown in leads, and so much at least in messages that had to be shortened.
ID_SHOWN = 64
LEAST_SHOWN = 59
Told = TypeVar("Told", Lead, LeadMessage)
Said = TypeVar("Said", Operand, Condition)


class Whom(msgspec.Struct, frozen=True):
    """The member keys (`u:`, `n:`) and account keys (`a:`) to erase, and the words that tell of people.

    `words` are ids, names and e-mail addresses, as they are known.
    """

    keys: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @property
    def subjects(self) -> frozenset[str]:
        """Return every subject that is theirs alone."""
        return self.keys | self.accounts | frozenset(map(as_person, self.keys))

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of the people, as senders know them; also the text of a key that is a hash."""
        long = (word for word in self.words if {user_key(word), anonymous_key(word)} & self.keys)
        return frozenset([*map(readable, self.keys), *long])

    @property
    def certain(self) -> frozenset[str]:
        """Return the words that cannot mean anything else, as `demo` and `admin` can, which are ids too."""
        return frozenset(word for word in self.words if is_certain(word))

    def knowing(self, members: Mapping[str, Member]) -> Whom:
        """Return them with the devices that became them, and with their names, of all members there are."""
        users = {*filter(_is_user, self.keys)}
        keys = self.keys | {key for key, one in members.items() if _became(one, users)}
        known = [members[key] for key in keys if key in members and not _is_shared(members[key], users)]
        words = {word for one in known for word in (one.name, one.email) if word}
        return Whom(keys, self.accounts, self.words | words | frozenset(map(readable, keys)))

    def owns(self, event: Event, subject: str) -> bool:
        """Return whether an archived event, and where it was counted, is theirs.

        What somebody else did on a device is not, if it is the users who are to be erased: they shared it.
        """
        theirs = {user_key(one) for one in (event.user, event.previous) if one}
        theirs |= {account_key(event.account)} if event.account is not None else set()
        if (theirs | {subject}) & (self.keys | self.accounts):
            return True
        if not event.anonymous or anonymous_key(event.anonymous) not in self.keys:
            return False
        return not event.user or not any(map(_is_user, self.keys))

    def knows(self, person: str) -> bool:
        """Return whether this is the id of one of them, or what is shown of it where it is long."""
        ids, shown = self.ids, person.removesuffix(ELLIPSIS)
        if readable(user_key(person)) in ids:
            return True
        is_cut = len(person) == ID_SHOWN if shown == person else len(shown) >= LEAST_SHOWN
        return is_cut and any(one.startswith(shown) and len(one) > len(person) for one in ids)

    def named_in(self, text: str) -> bool:
        """Return whether a text says of them what cannot mean anything else."""
        return sayer(self.certain)(text) != text

    def tells(self, message: LeadMessage) -> bool:
        """Return whether a message tells of them."""
        return message.subject_key in self.subjects or scrubbed(message, self) != message


def placeless(key: str, members: Mapping[str, Member], at: int) -> Member:
    """Return the member that belongs nowhere, and knows where copies of old events are looked up.

    What was taught before `at` (epoch ms), and whatever has taught so far, teaches nothing any more. Who a
    device had become is still among the places: whoever goes on after a crash finds it by that.
    """
    before = members[key]
    behind = [one for one in places(key, members) if one != key]
    became = [user_key(before.user)] if before.user else []
    bare = msgspec.structs.replace(
        before,
        account=None,
        account_at=max(at, before.account_at + 1),
        user=None,
        user_at=max(at, before.user_at + 1),
        profile_at=max(at, before.profile_at + 1),
    )
    return bare.leaving([*became, *behind])


def nameless(member: Member, at: int) -> Member:
    """Return the member without a name and an e-mail address, of which what taught them teaches nothing."""
    if not is_named(member):
        return member
    return msgspec.structs.replace(member, name=None, email=None, profile_at=max(at, member.profile_at + 1))


def unlinked(key: str, members: Mapping[str, Member], at: int) -> Member:
    """Return the member without its account, which knows where copies of old events are looked up."""
    before, left = members[key], home(key, members)
    without = msgspec.structs.replace(before, account=None, account_at=max(at, before.account_at + 1))
    return without.leaving([left] if left != key else [])


def belongs(member: Member) -> bool:
    """Return whether the member belongs to an account, or a device to a user."""
    return member.account is not None or member.user is not None


def is_named(member: Member) -> bool:
    """Return whether the member has a name or an e-mail address."""
    return member.name is not None or member.email is not None


def scrubbed(told: Told, whom: Whom) -> Told:
    """Return what is told of an account without what tells of the people; the same if there is nothing."""
    words, certain = _words(told, whom), whom.certain
    says = sayer(words)
    whole = frozenset(word.casefold() for word in words)
    return msgspec.structs.replace(
        told,
        people=[one for one in told.people if not whom.knows(one.id)],
        title=says(told.title),
        reason=says(told.reason),
        card=[says(line) for line in told.card],
        runbook=None if told.runbook is None else says(told.runbook),
        traits={
            name: value
            for name, value in told.traits.items()
            if not (_is_word(value, whole) or id_text(value) in certain)  # which may be sent as a number
        },
        evidence=[_operand(one, whole) for one in told.evidence],
    )


def unsaid(text: str, lead: Lead, whom: Whom) -> str:
    """Return what somebody wrote about a lead without the people, who may be among its own."""
    return sayer(_words(lead, whom))(text)


def _words(told: Lead | LeadMessage, whom: Whom) -> frozenset[str]:
    """Return the words to look for: all of them, and those names that it has itself, if they are among it."""
    among = [one for one in told.people if whom.knows(one.id)]
    if not among:
        return whom.certain
    names = {word for one in among for word in (one.name, one.email) if word}
    return whom.certain | ((whom.words | names) - {told.account_id})  # which may be the name of a team


def _became(member: Member, users: AbstractSet[str]) -> bool:
    """Return whether a device became one of the users, or had before it was made to belong nowhere."""
    if member.user is not None:
        return user_key(member.user) in users
    return not belongs(member) and bool(member.former) and member.former[0] in users


def _is_shared(device: Member, users: AbstractSet[str]) -> bool:
    """Return whether a device of the users had been another's, whose name it may still have."""
    return bool(users) and any(_is_user(one) and one not in users for one in device.former)


def _is_user(key: str) -> bool:
    return key.startswith("u:")


def _operand(operand: Said, whole: AbstractSet[str]) -> Said:
    return msgspec.structs.replace(operand, value=ERASED) if _is_word(operand.value, whole) else operand


def _is_word(value: object, whole: AbstractSet[str]) -> bool:
    return isinstance(value, str) and value.casefold() in whole
