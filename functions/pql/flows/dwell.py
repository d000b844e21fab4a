"""How long an event may be on its way: older ones can no longer be told from repeats.

Ids of counted events are kept for 128 days, and no lateness limit is above 90. A message may wait 14 days in
its queue and 14 days among the dead letters; after that nobody may count it, for its id may be gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from pql.core.event import Event
from pql.core.window import DAY

DWELL_DAYS = 28
DWELL = DWELL_DAYS * DAY


def oldest(events: Iterable[Event]) -> int | None:
    """Return when the first of the events was received, epoch ms."""
    return min((event.received for event in events), default=None)


def is_too_old(received: int, now: int) -> bool:
    """Return whether an event may have been counted before without a trace that it was."""
    return now - received > DWELL
