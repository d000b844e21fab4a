"""The canonical event: what `ingest` writes to the queue and everything else reads.

Times are epoch milliseconds in UTC. `properties`, `traits` and `context` stay undecoded JSON
objects until somebody asks: most events are counted without looking inside (decoding them eagerly
costs about as much again as the rest of the event).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from pql.core.complaints import UNREADABLE
from pql.core.times import LAST

EventType = Literal["track", "identify", "group", "page", "screen", "alias"]
EventId = Annotated[str, msgspec.Meta(min_length=32, max_length=32)]
# Until the year 9999, as far as a datetime goes.
Moment = Annotated[int, msgspec.Meta(ge=0, le=LAST)]
NOTHING = msgspec.Raw(b"{}")
# What is older on arrival is not counted, unless a stack is set to another number.
LATENESS_DAYS = 7


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One accepted event.

    `id` is 32 hex digits and stays the same on every resend. `received` is our clock.
    `own` is the time exactly as the sender wrote it: it picks the bucket in which a repeat is
    looked up. `time` is the counted time: skew-corrected, never more than a day ahead of `received`.
    `weak` marks an id made from the request, so that a resend counts again.
    """

    id: EventId
    type: EventType
    received: Moment
    time: Moment
    own: int | None = None
    name: str = ""
    account: str | None = None
    user: str | None = None
    anonymous: str | None = None
    previous: str | None = None
    message: str | None = None
    weak: bool = False
    source: str = ""
    properties: msgspec.Raw = NOTHING
    traits: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING

    @property
    def actor(self) -> str | None:
        """Return who did it: the user id, else the anonymous id."""
        return self.user or self.anonymous

    def is_late(self, horizon: int) -> bool:
        """Return whether the event was older than `horizon` milliseconds on arrival."""
        return self.received - self.time > horizon


def opened(raw: msgspec.Raw) -> dict[str, Any]:
    """Return the JSON object in `raw`; anything but an object that can be read is an empty one."""
    try:
        found = msgspec.json.decode(raw)
    except UNREADABLE:
        return {}
    return found if isinstance(found, dict) else {}
