"""A company of the right kind that gets to work."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "4 days ago  Ava brings Northwind: 240 people, in logistics",
            [*tell.arrives("ava", 4 * DAY), *tell.often(6, "ava", "Task Completed", 4 * DAY - HOUR)],
        ),
        Chapter("2 days ago  They work with it", tell.often(9, "ava", "Task Completed", 2 * DAY)),
        Chapter(
            "just now    Ben joins her and builds reports",
            [*tell.arrives("ben", 13 * MINUTE), *tell.often(10, "ben", "Report Created", 12 * MINUTE)],
        ),
    ]


STORY = Story("fit_and_usage", told)
