"""One person brings a second, both come back, and a third one looks in."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "6 days ago  Ava tries the product for Northwind",
            [*tell.arrives("ava", 6 * DAY), tell.track("ava", "Report Created", 6 * DAY - HOUR)],
        ),
        Chapter(
            "4 days ago  She shows Ben",
            [
                *tell.arrives("ben", 4 * DAY),
                tell.track("ava", "Report Shared", 4 * DAY - HOUR),
                tell.track("ben", "Report Viewed", 4 * DAY - HOUR),
            ],
        ),
        Chapter(
            "3 days ago  Ben is back",
            [
                tell.track("ben", "Report Viewed", 3 * DAY),
                tell.track("ben", "Report Created", 3 * DAY - HOUR),
            ],
        ),
        Chapter(
            "2 days ago  So are both of them",
            [tell.track("ava", "Report Viewed", 2 * DAY), tell.track("ben", "Comment Added", 2 * DAY - HOUR)],
        ),
        Chapter(
            "just now    Chloe looks in",
            [*tell.arrives("chloe", 2 * MINUTE), tell.track("chloe", "Report Viewed", MINUTE)],
        ),
    ]


STORY = Story("network_adoption", told)
