"""A short story to watch: a trial account that becomes a lead, and one that does not.

It is told through the front door, as a Segment SDK would: batches of group, identify and track
calls, with times of the last days.
"""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

DAY = 86_400_000
HOUR = 3_600_000
# Long enough to read what happens, short enough to wait for.
PAUSE_SECONDS = 1.2

NORTHWIND = {"name": "Northwind", "plan": "trial", "industry": "Logistics", "employees": 240}
QUIETWATER = {"name": "Quietwater", "plan": "trial", "industry": "Publishing", "employees": 12}
PEOPLE = {
    "ava": {"name": "Ava Lindqvist", "email": "ava@northwind.example", "title": "Head of Operations"},
    "ben": {"name": "Ben Okafor", "email": "ben@northwind.example", "title": "Analyst"},
    "chloe": {"name": "Chloe Marin", "email": "chloe@northwind.example", "title": "Dispatcher"},
    "noor": {"name": "Noor Haddad", "email": "noor@quietwater.example", "title": "Editor"},
}


class StoryFault(Exception):
    """The front door did not take a part of the story."""


@dataclass(frozen=True)
class Chapter:
    """A moment of the story: what happens, in words and as the calls an SDK makes."""

    says: str
    calls: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class _Teller:
    """Writes calls as they were made `age` milliseconds before `now` (epoch ms)."""

    now: int

    def identify(self, user: str, age: int) -> dict[str, Any]:
        return {"type": "identify", "userId": user, "traits": PEOPLE[user], "timestamp": iso(self.now - age)}

    def group(self, user: str, account: str, traits: dict[str, Any], age: int) -> dict[str, Any]:
        own = {"groupId": account, "traits": traits, "timestamp": iso(self.now - age)}
        return {"type": "group", "userId": user, **own}

    def track(self, user: str, account: str, event: str, age: int, **properties: Any) -> dict[str, Any]:
        what = {"event": event, "properties": properties, "context": {"groupId": account}}
        return {"type": "track", "userId": user, **what, "timestamp": iso(self.now - age)}


def story(now: int) -> list[Chapter]:
    """Return the chapters as they would be sent at `now`, epoch ms."""
    tell = _Teller(now)
    return [
        Chapter(
            "6 days ago  Ava starts a trial for Northwind",
            [
                tell.identify("ava", 6 * DAY),
                tell.group("ava", "northwind", NORTHWIND, 6 * DAY - 1_000),
                tell.track("ava", "northwind", "Signed Up", 6 * DAY - 2_000, type="organic"),
                tell.track("ava", "northwind", "Trial Started", 6 * DAY - 3_000, trial_plan_name="Team"),
            ],
        ),
        Chapter(
            "5 days ago  Noor tries the product for Quietwater",
            [
                tell.identify("noor", 5 * DAY),
                tell.group("noor", "quietwater", QUIETWATER, 5 * DAY - 1_000),
                tell.track("noor", "quietwater", "Signed Up", 5 * DAY - 2_000, type="organic"),
                tell.track("noor", "quietwater", "Report Created", 5 * DAY - HOUR, report="Welcome"),
            ],
        ),
        Chapter(
            "4 days ago  Ava connects Salesforce",
            [tell.track("ava", "northwind", "Integration Connected", 4 * DAY, integration="salesforce")],
        ),
        Chapter(
            "3 days ago  Ava invites Ben and Chloe",
            [
                tell.track("ava", "northwind", "Invite Sent", 3 * DAY, invitee_email="ben@northwind.example"),
                tell.track(
                    "ava",
                    "northwind",
                    "Invite Sent",
                    3 * DAY - HOUR,
                    invitee_email="chloe@northwind.example",
                ),
            ],
        ),
        Chapter(
            "2 days ago  Ben and Chloe join",
            [
                tell.identify("ben", 2 * DAY),
                tell.group("ben", "northwind", NORTHWIND, 2 * DAY - 1_000),
                tell.track("ben", "northwind", "Signed Up", 2 * DAY - 2_000, type="invited"),
                tell.identify("chloe", 2 * DAY - HOUR),
                tell.group("chloe", "northwind", NORTHWIND, 2 * DAY - HOUR - 1_000),
                tell.track("chloe", "northwind", "Signed Up", 2 * DAY - HOUR - 2_000, type="invited"),
            ],
        ),
        Chapter(
            "yesterday   Ben creates two reports",
            [
                tell.track("ben", "northwind", "Report Created", DAY, report="Late deliveries"),
                tell.track("ben", "northwind", "Report Created", DAY - HOUR, report="Fuel by route"),
            ],
        ),
        Chapter(
            "just now    Chloe creates one, too",
            [tell.track("chloe", "northwind", "Report Created", 60_000, report="Driver hours")],
        ),
    ]


def play(
    url: str,
    write_key: str,
    chapters: Sequence[Chapter],
    told: Callable[[str], None],
    stopped: threading.Event,
) -> None:
    """Send the chapters one after the other to `url` and tell each, until `stopped` is set.

    Raises `StoryFault` when a chapter is not accepted.
    """
    for number, chapter in enumerate(chapters):
        if stopped.wait(PAUSE_SECONDS if number else 0):
            return
        told(chapter.says)
        calls = [{**call, "messageId": f"story-{number}-{index}"} for index, call in enumerate(chapter.calls)]
        send(url, write_key, calls)


def send(url: str, write_key: str, calls: Sequence[dict[str, Any]]) -> None:
    """Send one batch as an SDK does; raises `StoryFault` unless every call was accepted."""
    body = json.dumps({"batch": calls, "sentAt": iso(int(datetime.now(UTC).timestamp() * 1000))})
    key = base64.b64encode(f"{write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("POST", "/v1/batch", body, headers)
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status != 200 or json.loads(answer).get("rejected"):
        raise StoryFault(f"the front door answered {response.status}: {answer.decode(errors='replace')}")


def iso(at: int) -> str:
    """Return epoch milliseconds as SDKs write them."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
