"""Two people of one company read up."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "5 days ago  Ava reads three articles",
            [*tell.arrives("ava", 5 * DAY), *tell.often(3, "ava", "Article Read", 5 * DAY - HOUR)],
        ),
        Chapter("3 days ago  and attends a webinar", [tell.track("ava", "Webinar Attended", 3 * DAY)]),
        Chapter(
            "just now    Ben downloads the whitepaper",
            [*tell.arrives("ben", 2 * MINUTE), tell.track("ben", "Whitepaper Downloaded", MINUTE)],
        ),
    ]


STORY = Story("content_consumer", told)
