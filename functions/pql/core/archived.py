"""One line of the archive."""

from __future__ import annotations

import msgspec

from pql.core.event import Event


class Line(msgspec.Struct, frozen=True):
    """An accepted event, and the subject it was counted under."""

    subject: str
    event: Event
