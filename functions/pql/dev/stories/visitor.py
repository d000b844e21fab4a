"""Somebody who belongs to no account goes as far as the checkout, and no further."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = Teller(now)
    return [
        Chapter(
            "2 days ago  Noor looks at a desk, and at another",
            [
                tell.identify("noor", 2 * DAY),
                tell.alone("noor", "Product Viewed", 2 * DAY - MINUTE, product="Desk"),
                tell.alone("noor", "Product Viewed", 2 * DAY - 2 * MINUTE, product="Standing Desk"),
            ],
        ),
        Chapter(
            "yesterday   She takes the other one",
            [tell.alone("noor", "Product Added", DAY + 2 * HOUR, product="Standing Desk")],
        ),
        Chapter(
            "a day ago   She stops at the checkout",
            [tell.alone("noor", "Checkout Started", DAY + HOUR)],
        ),
    ]


STORY = Story("cart_left_behind", told, subject="u:noor")
