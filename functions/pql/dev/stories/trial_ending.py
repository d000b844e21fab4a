"""A trial that ends the day after tomorrow, and is used for what costs money."""

from __future__ import annotations

from pql.core.window import DAY, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "6 days ago  Northwind's trial has a week left, and a day",
            tell.arrives("ava", 6 * DAY, trial_ends_at=tell.ago(-2 * DAY)),
        ),
        Chapter(
            "4 days ago  Ava looks at what is free",
            tell.often(5, "ava", "Feature Used", 4 * DAY, feature="reports", premium=False),
        ),
        Chapter(
            "2 days ago  She tries forecasts, which are not",
            [tell.track("ava", "Premium Feature Opened", 2 * DAY, feature="forecasts", premium=True)],
        ),
        Chapter(
            "just now    Ben uses the audit log",
            [
                *tell.arrives("ben", 2 * MINUTE, trial_ends_at=tell.ago(-2 * DAY)),
                tell.track("ben", "Feature Used", MINUTE, feature="audit_log", premium=True),
            ],
        ),
    ]


STORY = Story("trial_ending_hot", told)
