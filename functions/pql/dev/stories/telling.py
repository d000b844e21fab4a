"""How a story is told: chapters of calls, as an SDK makes them, with times of the last days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pql.core.window import MINUTE

Call = dict[str, Any]

NORTHWIND = {"name": "Northwind", "plan": "trial", "industry": "Logistics", "employees": 240}
QUIETWATER = {"name": "Quietwater", "plan": "trial", "industry": "Publishing", "employees": 12}
PEOPLE = {
    "ava": {"name": "Ava Lindqvist", "email": "ava@northwind.example", "title": "Head of Operations"},
    "ben": {"name": "Ben Okafor", "email": "ben@northwind.example", "title": "Analyst"},
    "chloe": {"name": "Chloe Marin", "email": "chloe@northwind.example", "title": "Dispatcher"},
    "noor": {"name": "Noor Haddad", "email": "noor@quietwater.example", "title": "Editor"},
}


@dataclass(frozen=True)
class Chapter:
    """A moment of the story: what happens, in words and as the calls an SDK makes."""

    says: str
    calls: Sequence[Call]


@dataclass(frozen=True)
class Story:
    """What makes an account a lead by `rule`, with its last chapter.

    `told` returns the chapters as they would be sent at a moment (epoch ms). The oldest call is from
    less than `days` before it.
    """

    rule: str
    told: Callable[[int], list[Chapter]]
    subject: str = "a:northwind"
    days: int = 7


@dataclass(frozen=True)
class Teller:
    """Writes calls as they were made `age` milliseconds before `now` (epoch ms)."""

    now: int
    account: str = "northwind"

    def identify(self, user: str, age: int) -> Call:
        """Return the call with which somebody introduces themselves."""
        return {"type": "identify", "userId": user, "traits": PEOPLE[user], "timestamp": self.ago(age)}

    def group(self, user: str, traits: dict[str, Any], age: int) -> Call:
        """Return the call that says which account somebody belongs to, and what it is like."""
        own = {"groupId": self.account, "traits": traits, "timestamp": self.ago(age)}
        return {"type": "group", "userId": user, **own}

    def track(self, user: str, event: str, age: int, **properties: Any) -> Call:
        """Return the call for something that somebody did in the account."""
        return self.alone(user, event, age, **properties) | {"context": {"groupId": self.account}}

    def often(self, times: int, user: str, event: str, age: int, **properties: Any) -> list[Call]:
        """Return the calls for something that somebody did so many times, a minute apart."""
        return [self.track(user, event, age - count * MINUTE, **properties) for count in range(times)]

    def alone(self, user: str, event: str, age: int, **properties: Any) -> Call:
        """Return the call for something that somebody did who belongs to no account."""
        what = {"event": event, "properties": properties}
        return {"type": "track", "userId": user, **what, "timestamp": self.ago(age)}

    def arrives(self, user: str, age: int, **traits: Any) -> list[Call]:
        """Return the first calls of somebody in Northwind, which may have more `traits`."""
        return [self.identify(user, age), self.group(user, NORTHWIND | traits, age - 1_000)]

    def ago(self, age: int) -> str:
        """Return the moment `age` milliseconds ago as SDKs write it."""
        return iso(self.now - age)


def iso(at: int) -> str:
    """Return epoch milliseconds as SDKs write them."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
