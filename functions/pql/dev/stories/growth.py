"""A week of use, and a week of more."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "10 days ago Ava works with it",
            [*tell.arrives("ava", 10 * DAY), *tell.often(12, "ava", "Task Completed", 10 * DAY - HOUR)],
        ),
        Chapter("9 days ago  and goes on", tell.often(12, "ava", "Task Completed", 9 * DAY)),
        Chapter(
            "4 days ago  Ben joins",
            [*tell.arrives("ben", 4 * DAY), *tell.often(15, "ben", "Task Completed", 4 * DAY - HOUR)],
        ),
        Chapter("2 days ago  It becomes more", tell.often(18, "ava", "Task Completed", 2 * DAY)),
        Chapter("just now    and more", tell.often(3, "ben", "Task Completed", 5 * MINUTE)),
    ]


STORY = Story("usage_growing", told, days=11)
