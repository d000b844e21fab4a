"""Leads: claim, snooze or dismiss one, each a verb that a command or a button calls.

Every verb looks, decides and writes on condition that nothing has changed in between; who loses looks
again and is told how the lead stands by then. The same verb by the same person changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from pql.core.clean_text import cleaned, cut
from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life
from pql.flows.ports import Leads
from pql.flows.tries import TRIES

NAME_LIMIT = 200
REASON_LIMIT = 500
Result = Literal["done", "repeated", "refused", "gone"]
_METRICS = {"repeated": "LeadChangesRepeated", "refused": "LeadChangesRefused", "gone": "LeadsGone"}
Wish = Callable[[Life], Life | None]


class Answer(NamedTuple):
    """What became of a verb, the lead, and how it stands now; neither if there is no such lead.

    `repeated`: the person had done it before. `refused`: the lead is closed or somebody else's, and
    `standing` says how or whose.
    """

    result: Result
    record: LeadRecord | None = None
    standing: Life = Life()

    @property
    def metric(self) -> str:
        """Return the name of the metric that counts it, such as `LeadsClaimed`."""
        return _METRICS.get(self.result) or f"Leads{self.standing.state.capitalize()}"


def claim(leads: Leads, key: LeadKey, by: str, now: int) -> Answer:
    """Give the lead to `by`; `now` is epoch ms. Raises `ValueError` without a name, and as `Leads` does."""
    name = _name(by)
    return changed(leads, key, now, lambda standing: standing.claim(name, now))


def snooze(leads: Leads, key: LeadKey, by: str, until: int, now: int) -> Answer:
    """Put the lead off until `until`, epoch ms; as `claim`, and `ValueError` for what is over already.

    Take `until` from when the person chose, not from when the message about it came: then a message
    that comes twice changes nothing.
    """
    name = _name(by)
    if until <= now:
        raise ValueError("a snooze ends in the future")
    return changed(leads, key, now, lambda standing: standing.snooze(name, until, now))


def dismiss(leads: Leads, key: LeadKey, by: str, reason: str | None, now: int) -> Answer:
    """Close the lead for a reason, in the person's words; as `claim`."""
    name = _name(by)
    words = cut(cleaned(reason or ""), REASON_LIMIT) or None
    return changed(leads, key, now, lambda standing: standing.dismiss(name, words, now))


def changed(leads: Leads, key: LeadKey, now: int, wish: Wish) -> Answer:
    """Make of the lead what `wish` makes of how it stands at `now`.

    Raises `Conflict` when others won five times, `Unavailable`, and `Poison` for what is no lead.
    """
    for _ in range(TRIES):
        record = leads.lead(key)
        if record is None:
            return Answer("gone")
        held = record.at(now)
        wanted = wish(held)
        if wanted is None:
            return Answer("refused", record, held)
        if wanted == held:
            return Answer("repeated", record, held)
        try:
            leads.change(key, record.standing, wanted)
        except Conflict:
            continue
        return Answer("done", record, wanted)
    raise Conflict("others changed the lead again and again")


def _name(by: str) -> str:
    name = cut(cleaned(by), NAME_LIMIT)
    if not name:
        raise ValueError("whoever changes a lead has a name")
    return name
