"""A free account fills its seats faster every day."""

from __future__ import annotations

from pql.core.window import DAY, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "6 days ago  Northwind is on the free plan, with 40 seats",
            [
                *tell.arrives("ava", 6 * DAY, plan="free", seat_limit=40),
                tell.track("ava", "Seats Counted", 6 * DAY - MINUTE, seats=6),
            ],
        ),
        Chapter("5 days ago  6 of them are taken", [tell.track("ava", "Seats Counted", 5 * DAY, seats=6)]),
        Chapter("3 days ago  Still 6", [tell.track("ava", "Seats Counted", 3 * DAY, seats=6)]),
        Chapter(
            "just now    Dispatch has joined: 19",
            [tell.track("ava", "Seats Counted", MINUTE, seats=19)],
        ),
    ]


STORY = Story("seats_nearly_full", told)
