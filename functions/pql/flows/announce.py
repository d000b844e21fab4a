"""Announce: give one lead to the topic and remember that it has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pql.core.announcement import announcement, attributes
from pql.core.keys import LeadKey
from pql.core.lead_message import encoded

if TYPE_CHECKING:
    from pql.flows.ports import Outbox, Topic

Announced = Literal["LeadsPublished", "LeadsAlreadyPublished", "LeadsGone", "LeadsInShadow"]


def announce(key: LeadKey, outbox: Outbox, topic: Topic, clock: Callable[[], int]) -> Announced:
    """Publish the lead unless the topic has it, and return, as the name of a metric, what was done.

    Leads in shadow are kept and not announced.

    A crash between publishing and marking publishes once more: whoever delivers claims each lead per
    channel, and the lead id is the same. Raises `Unavailable`, and `Poison` for what is no lead.
    """
    record = outbox.lead(key)
    if record is None:
        return "LeadsGone"
    if record.lead.status != "live":
        return "LeadsInShadow"
    if record.published is not None:
        return "LeadsAlreadyPublished"
    message = announcement(record.lead, key)
    topic.publish(encoded(message).decode(), attributes(message))
    outbox.mark_published(key, clock())
    return "LeadsPublished"
