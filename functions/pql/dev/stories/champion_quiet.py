"""The account gets hot when the person who carried it has been away for days.

Nothing but time makes an account that is hot lose its champion; so that one need not wait ten days,
here the last step comes late.
"""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "15 days ago Ava starts with Northwind and connects Salesforce",
            [
                *tell.arrives("ava", 15 * DAY),
                tell.track("ava", "Integration Connected", 15 * DAY - HOUR, integration="salesforce"),
            ],
        ),
        Chapter(
            "13 days ago She builds two reports and shows them around",
            [
                *tell.often(2, "ava", "Report Created", 13 * DAY),
                *tell.often(6, "ava", "Report Shared", 13 * DAY - HOUR),
            ],
        ),
        Chapter(
            "12 days ago She invites Ben, and is not seen again",
            [tell.track("ava", "Invite Sent", 12 * DAY, invitee_email="ben@northwind.example")],
        ),
        Chapter(
            "9 days ago  Ben looks at the reports",
            [*tell.arrives("ben", 9 * DAY), *tell.often(3, "ben", "Report Viewed", 9 * DAY - HOUR)],
        ),
        Chapter(
            "just now    He builds the third: all set up, and without Ava",
            [tell.track("ben", "Report Created", MINUTE)],
        ),
    ]


STORY = Story("champion_gone_quiet", told, days=16)
