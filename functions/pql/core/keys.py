"""Keys of the table: who is counted, encoded so that no id can reach another's items.

A subject is `a:<account>`, or `u:<user>` and `n:<anonymous id>` while no account is known. Rules about
people judge `p:<user>`, and `v:<anonymous id>` (a visitor) while nobody is known.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple
from urllib.parse import quote, unquote

KEY_LIMIT = 200
_HASHED = "~"
_PLAIN = re.compile(rf"[A-Za-z0-9_.-]{{0,{KEY_LIMIT}}}").fullmatch
_PERSON = "p:"
_VISITOR = "v:"


def encoded(identifier: str) -> str:
    """Return `identifier` as key text: percent-encoded outside `[A-Za-z0-9_.-]`, at most 200 bytes.

    Injective: longer ones become `~` and a SHA-256, and `~` itself is always encoded.
    """
    if _PLAIN(identifier):  # most are, and to quote one takes six times as long
        return identifier
    text = quote(identifier, safe="", errors="surrogatepass").replace("~", "%7E")
    if len(text) <= KEY_LIMIT:
        return text
    return _HASHED + hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()


def account_key(account: str) -> str:
    """Return the subject key of an account."""
    return "a:" + encoded(account)


def user_key(user: str) -> str:
    """Return the key of a user: its member item, and its subject while no account is known."""
    return "u:" + encoded(user)


def anonymous_key(anonymous: str) -> str:
    """Return the key of an anonymous id: its member item, and its subject while nobody is known."""
    return "n:" + encoded(anonymous)


def person_key(user: str) -> str:
    """Return the subject key of a user as a person, whatever accounts they belong to."""
    return _PERSON + encoded(user)


def visitor_key(anonymous: str) -> str:
    """Return the subject key of an anonymous id as a person, while nobody is known."""
    return _VISITOR + encoded(anonymous)


def as_person(member: str) -> str:
    """Return the key as a person of whom this member key is."""
    return (_PERSON if member.startswith("u:") else _VISITOR) + member[2:]


def is_person(subject: str) -> bool:
    """Return whether rules about people judge this subject."""
    return subject.startswith((_PERSON, _VISITOR))


def readable(subject: str) -> str:
    """Return the id inside a subject key, or the key text itself where only a hash was kept."""
    text = subject[2:]
    return text if text.startswith(_HASHED) else unquote(text, errors="surrogatepass")


def in_logs(subject: str) -> str:
    """Return how a log may name a subject: an account by its key, a person by a hash.

    The ids of people are often their addresses. Whoever has the subject key finds it by the first
    twelve hex digits of its SHA-256.
    """
    if subject.startswith("a:"):
        return subject
    return f"{subject[:2]}{_HASHED}{hashlib.sha256(subject.encode()).hexdigest()[:12]}"


class LeadKey(NamedTuple):
    """Where a lead lives: subject key, rule id and cycle."""

    subject: str
    rule: str
    cycle: int
