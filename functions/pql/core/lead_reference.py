"""How people name a lead: `acme/activated#1` is the first lead that the rule `activated` made of acme.

Where there is no account, or its id could be taken for something else, its subject key stands in its
place: `u:ada/activated#1`, or `p:ada/power_user#1` for a rule about people.
"""

from __future__ import annotations

import re

from pql.core.keys import LeadKey, account_key, readable

_SUBJECT = re.compile(r"[aunpv]:(?:[A-Za-z0-9_.%-]+|~[0-9a-f]{64})")
_REFERENCE = re.compile(r"(?P<whose>.+)/(?P<rule>[^/#]+)#(?P<cycle>[1-9][0-9]{0,8})", re.DOTALL)


def reference(key: LeadKey) -> str:
    """Return what `referred` reads as this key."""
    account = readable(key.subject)
    is_plain = account_key(account) == key.subject and account and _subject(account) == key.subject
    return f"{account if is_plain else key.subject}/{key.rule}#{key.cycle}"


def referred(text: str) -> LeadKey | None:
    """Return the key of the lead that `text` names, or none if it names none."""
    found = _REFERENCE.fullmatch(text)
    return LeadKey(_subject(found["whose"]), found["rule"], int(found["cycle"])) if found else None


def _subject(whose: str) -> str:
    return whose if _SUBJECT.fullmatch(whose) else account_key(whose)
