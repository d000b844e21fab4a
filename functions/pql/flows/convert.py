"""Convert: what an account does that makes it a customer ends its leads, and tells what they were worth.

It is done after the events are committed and before they are acknowledged, for new events and for
repeats alike: whatever crashes in between, the message comes again and finds the rest to do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice

from pql.core.errors import Conflict
from pql.core.event import Event
from pql.core.keys import anonymous_key, is_person, user_key, visitor_key
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life
from pql.flows.ports import Leads, Store
from pql.flows.sight import Placed
from pql.flows.tries import TRIES
from pql.rules.names import folded

_OF_ACCOUNT = "a:"
# Of one subject, and subjects by one event: a bound on what one message may take.
LEADS_MOST = 1_000
SUBJECTS_MOST = 100


class Converter:
    """Converts leads by the events of these names, folded as `pql.rules.names` does."""

    def __init__(self, leads: Leads, names: Collection[str]) -> None:
        self._leads = leads
        self._names = frozenset(names)

    def is_conversion(self, event: Event) -> bool:
        """Return whether the event converts whom it is of."""
        return bool(self._names) and event.type == "track" and folded(event.name) in self._names

    def convert(self, subject: str, events: Sequence[Event], now: int) -> int:
        """Convert the leads of `subject` that are not closed, and return how many.

        Each by the earliest of the events after it was made: what was made at the same moment or later
        had no part in it, and so it makes no difference how often and with what else an event is told.
        Raises `Conflict`, `Unavailable` and `Poison`; a repeat does the rest.
        """
        moments = sorted((converted_at(event), event.id) for event in events)
        converted = 0
        for _ in range(TRIES):
            lost = False
            for record in islice(self._leads.of(subject), LEADS_MOST):
                wanted = _converted(record, moments, now)
                if wanted is None:
                    continue
                try:
                    self._leads.change(record.lead.key, record.standing, wanted)
                except Conflict:
                    lost = True
                else:
                    converted += record.standing.state != "converted"
            if not lost:
                return converted
        raise Conflict("others changed the leads again and again")


def _converted(record: LeadRecord, moments: Sequence[tuple[int, str]], now: int) -> Life | None:
    """Return how the lead stands after the first moment that converts it; none if that is nothing new."""
    later = [moment for moment in moments if moment[0] > record.lead.created]
    if not later:
        return None
    at, event = later[0]
    # As of that moment: what has expired since then was converted before.
    held = record.at(at)
    wanted = held.convert(at, event, now)
    return None if wanted == held else wanted


def converted_at(event: Event) -> int:
    """Return when an event converts: its counted time, unless its sender's clock was ahead of ours."""
    return min(event.time, event.received)


def converted_by(placed: Placed) -> set[str]:
    """Return the subjects that an event converts: where it is counted, and who did it.

    Who did it may have become a lead before their account was known. Accounts they have left are others.
    An event that is counted for a person converts that person, and the visitor they were on this device.
    """
    event = placed.event
    if is_person(placed.subject):
        return {placed.subject, *([visitor_key(event.anonymous)] if event.anonymous else [])}
    people = {user_key(event.user)} if event.user else set()
    people |= {anonymous_key(event.anonymous)} if event.anonymous else set()
    people |= {one for one in placed.elsewhere if not one.startswith(_OF_ACCOUNT)}
    return {placed.subject, *people}


def origins(store: Store, subject: str) -> list[str]:
    """Return the subject, and those that were folded into it after they had become leads.

    A visitor who became a user of the account, say: theirs is the lead that stands for it. At most
    `SUBJECTS_MOST`; raises `Unavailable`.
    """
    found = [subject]
    for one in found:
        found += [other for other in store.origins(one) if other not in found]
        if len(found) >= SUBJECTS_MOST:
            break
    return found[:SUBJECTS_MOST]
