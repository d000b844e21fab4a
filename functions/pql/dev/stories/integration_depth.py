"""One integration after the other, and data flowing through them day by day."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)

    def connected(user: str, integration: str, age: int) -> dict[str, object]:
        return tell.track(user, "Integration Connected", age, integration=integration)

    return [
        Chapter(
            "6 days ago  Ava connects Salesforce",
            [*tell.arrives("ava", 6 * DAY), connected("ava", "salesforce", 6 * DAY - HOUR)],
        ),
        Chapter(
            "5 days ago  and Slack; the first data flows",
            [
                connected("ava", "slack", 5 * DAY),
                *tell.often(4, "ava", "Integration Synced", 5 * DAY - HOUR, integration="salesforce"),
            ],
        ),
        Chapter(
            "3 days ago  Ben connects Snowflake",
            [*tell.arrives("ben", 3 * DAY), connected("ben", "snowflake", 3 * DAY - HOUR)],
        ),
        Chapter(
            "2 days ago  Data flows through all of them",
            [
                tell.track("ben", "Integration Synced", 2 * DAY, integration=one)
                for one in ("salesforce", "slack", "snowflake")
            ],
        ),
        Chapter(
            "just now    and again",
            [tell.track("ben", "Integration Synced", MINUTE, integration="snowflake")],
        ),
    ]


STORY = Story("integrated_deeply", told)
