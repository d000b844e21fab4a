"""Where a lead lies in the table: `pk` is the subject key, `sk` is `lead#<rule>#<cycle>`."""

from __future__ import annotations

from pql.core.errors import Poison
from pql.core.keys import LeadKey

PREFIX = "lead#"


def sort_key(key: LeadKey) -> str:
    """Return the `sk` of a lead."""
    return f"{PREFIX}{key.rule}#{key.cycle}"


def lead_key(pk: str, sk: str) -> LeadKey:
    """Return the key of the lead at `pk`, `sk`; raises `Poison` for what `sort_key` cannot have made."""
    rule, mark, cycle = sk.removeprefix(PREFIX).rpartition("#")
    if not (sk.startswith(PREFIX) and mark and cycle.isascii() and cycle.isdecimal()):
        raise Poison(f"no sort key of a lead: {sk!r}")
    return LeadKey(pk, rule, int(cycle))
