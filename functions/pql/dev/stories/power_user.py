"""Somebody with an account of their own, and a second one: it is the person who gets used to it."""

from __future__ import annotations

from pql.core.window import DAY, HOUR, MINUTE
from pql.dev.stories.telling import PEOPLE, Call, Chapter, Story, Teller


def told(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell, elsewhere = Teller(now), Teller(now, "quietwater")
    introduced: Call = {
        "type": "identify",
        "userId": "noor",
        "anonymousId": "noors-phone",
        "traits": PEOPLE["noor"] | {"plan": "free"},
        "timestamp": tell.ago(4 * DAY),
    }
    visit = {**tell.alone("noor", "Document Created", 5 * DAY, title="Sketch"), "anonymousId": "noors-phone"}
    del visit["userId"]
    return [
        Chapter("5 days ago  Somebody tries it on a phone", [visit]),
        Chapter(
            "4 days ago  It was Noor, who exports two documents",
            [
                introduced,
                tell.alone("noor", "Document Exported", 4 * DAY - MINUTE, title="Sketch"),
                tell.alone("noor", "Document Exported", 4 * DAY - HOUR, title="Programme"),
            ],
        ),
        Chapter(
            "2 days ago  She makes one for her team at Quietwater",
            [
                elsewhere.track("noor", "Document Created", 2 * DAY, title="Catalogue"),
                elsewhere.track("noor", "Document Exported", 2 * DAY - HOUR, title="Catalogue"),
            ],
        ),
        Chapter(
            "just now    and two more for herself",
            [
                tell.alone("noor", "Document Exported", 5 * MINUTE, title="Invitation"),
                tell.alone("noor", "Document Exported", 4 * MINUTE, title="Poster"),
            ],
        ),
    ]


STORY = Story("power_user", told, subject="p:noor")
