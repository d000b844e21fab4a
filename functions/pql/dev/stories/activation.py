"""A trial account that sets itself up, and one that does not."""

from __future__ import annotations

from pql.core.window import DAY, HOUR
from pql.dev.stories.telling import QUIETWATER, Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell, elsewhere = Teller(now), Teller(now, "quietwater")
    # What follows within the hour stays on its day: late in the evening it would be one day of use more.
    hour = max(0, min(HOUR, DAY - now % DAY - 5_000))
    return [
        Chapter(
            "6 days ago  Ava starts a trial for Northwind",
            [
                *tell.arrives("ava", 6 * DAY),
                tell.track("ava", "Signed Up", 6 * DAY - 2_000, type="organic"),
                tell.track("ava", "Trial Started", 6 * DAY - 3_000, trial_plan_name="Team"),
            ],
        ),
        Chapter(
            "5 days ago  Noor tries the product for Quietwater",
            [
                elsewhere.identify("noor", 5 * DAY),
                elsewhere.group("noor", QUIETWATER, 5 * DAY - 1_000),
                elsewhere.track("noor", "Signed Up", 5 * DAY - 2_000, type="organic"),
                elsewhere.track("noor", "Report Created", 5 * DAY - hour, report="Welcome"),
            ],
        ),
        Chapter(
            "4 days ago  Ava connects Salesforce",
            [tell.track("ava", "Integration Connected", 4 * DAY, integration="salesforce")],
        ),
        Chapter(
            "3 days ago  Ava invites Ben and Chloe",
            [
                tell.track("ava", "Invite Sent", 3 * DAY, invitee_email="ben@northwind.example"),
                tell.track("ava", "Invite Sent", 3 * DAY - hour, invitee_email="chloe@northwind.example"),
            ],
        ),
        Chapter(
            "2 days ago  Ben and Chloe join",
            [
                *tell.arrives("ben", 2 * DAY),
                tell.track("ben", "Signed Up", 2 * DAY - 2_000, type="invited"),
                *tell.arrives("chloe", 2 * DAY - hour),
                tell.track("chloe", "Signed Up", 2 * DAY - hour - 2_000, type="invited"),
            ],
        ),
        Chapter(
            "yesterday   Ben creates two reports",
            [
                tell.track("ben", "Report Created", DAY, report="Late deliveries"),
                tell.track("ben", "Report Created", DAY - hour, report="Fuel by route"),
            ],
        ),
        Chapter(
            "just now    Chloe creates one, too",
            [tell.track("chloe", "Report Created", 60_000, report="Driver hours")],
        ),
    ]


STORY = Story("activated", told)
