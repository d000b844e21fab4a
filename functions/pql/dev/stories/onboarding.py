"""A trial in which projects, teammates and features come together within a week."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "5 days ago  Ava starts a trial and creates two projects",
            [*tell.arrives("ava", 5 * DAY), *tell.often(2, "ava", "Project Created", 5 * DAY - HOUR)],
        ),
        Chapter(
            "4 days ago  She invites Ben and Chloe",
            [
                tell.track("ava", "Invite Sent", 4 * DAY, invitee_email=f"{one}@northwind.example")
                for one in ("ben", "chloe")
            ],
        ),
        Chapter(
            "3 days ago  Ben tracks his time",
            [
                *tell.arrives("ben", 3 * DAY),
                tell.track("ben", "Feature Used", 3 * DAY - HOUR, feature="time_tracking"),
            ],
        ),
        Chapter(
            "yesterday   Chloe joins and creates a third project",
            [*tell.arrives("chloe", DAY + HOUR), tell.track("chloe", "Project Created", DAY)],
        ),
        Chapter(
            "just now    Ava reports on all of it",
            [tell.track("ava", "Feature Used", MINUTE, feature="reporting")],
        ),
    ]


STORY = Story("project_tool_set_up", told)
