"""Trials of a made-up product over half a year, for pictures and for trying things: no real data.

    python tests/bench/trial_story.py OUT [--accounts 1200] [--seed 7]

Writes `OUT/events.jsonl.gz`, calls as SDKs send them, in the order of receipt. Each account has an interest
of its own, which moves both what it does and whether it subscribes: so rules can be right, and cannot be
always.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 182
TRIAL = 30
WORK = ("Report Created", "Dashboard Created", "Project Created", "Task Completed", "Feature Used")
TOOLS = ("salesforce", "hubspot", "slack", "jira", "snowflake", "zendesk")
INDUSTRIES = ("Software", "Logistics", "Retail", "Health", "Education", "Finance")


class Account:
    """One trial: who they are, and what they do each day until they subscribe or lose interest."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.chance = chance
        self.id = f"acct-{number:04}"
        self.begins = chance.uniform(0, DAYS - 3) ** 0.97
        self.interest = chance.betavariate(1.3, 3.2)
        self.people = 1 + int(chance.expovariate(0.55) * (0.4 + 2 * self.interest))
        self.seats = chance.choice((5, 10, 10, 25))
        # Whether they buy hangs on interest, and on what nobody can see.
        drive = -5.2 + 7.5 * self.interest + 0.35 * min(self.people, 5) + chance.gauss(0, 1.1)
        buys = chance.random() < 1 / (1 + math.exp(-drive))
        after = 9 + chance.lognormvariate(2.75, 0.55)
        self.ends = self.begins + after if buys else None
        tires = 6 + chance.expovariate(1 / (10 + 60 * self.interest))
        self.lasts = self.begins + (after + 20 if buys else tires)

    def calls(self) -> Iterator[tuple[float, dict[str, Any]]]:
        """Yield the day of the story and the call."""
        chance = self.chance
        traits = {
            "name": f"Company {self.id[-4:]}",
            "plan": chance.choices(("trial", "free"), (3, 1))[0],
            "industry": chance.choice(INDUSTRIES),
            "employees": int(chance.lognormvariate(4, 1.4)) + 1,
            "seat_limit": self.seats,
            "trial_ends_at": (START + timedelta(days=self.begins + TRIAL)).date().isoformat(),
        }
        yield self.begins, {"type": "group", "groupId": self.id, "userId": f"{self.id}-p0", "traits": traits}
        day = self.begins
        while day < min(self.lasts, DAYS):
            yield from self._day(day)
            day += 1
            # Weekends are quiet, and most days of the barely interested, too.
            while int(day) % 7 >= 5 or chance.random() > 0.25 + 0.75 * self.interest:
                day += 1
        if self.ends is not None and self.ends < DAYS:
            yield self.ends, self._track(0, "Subscription Started", {"plan": "pro"})

    def _day(self, day: float) -> Iterator[tuple[float, dict[str, Any]]]:
        chance, keen = self.chance, self.interest
        for person in range(self.people):
            if person and chance.random() > 0.35 + 0.5 * keen:
                continue
            for _ in range(1 + int(chance.expovariate(1 / (0.5 + 4 * keen)))):
                name = chance.choice(WORK)
                used = {"feature": "reporting", "premium": chance.random() < 0.1 + 0.4 * keen}
                yield day + chance.random() * 0.4, self._track(person, name, used)
        if chance.random() < 0.05 + 0.16 * keen:
            tool = chance.choice(TOOLS)
            yield day + 0.3, self._track(0, "Integration Connected", {"integration": tool})
        if chance.random() < 0.04 + 0.3 * keen:
            yield day + 0.31, self._track(0, "Integration Synced", {})
        if chance.random() < 0.05 + 0.12 * keen:
            mate = chance.randrange(1, self.people + 2)
            yield day + 0.35, self._track(0, "Invite Sent", {"invitee_email": f"p{mate}@{self.id}.example"})
        if chance.random() < 0.06:
            used = min(self.seats, 1 + int(self.people * (1 + chance.random())))
            yield day + 0.41, self._track(0, "Seats Counted", {"seats": used})
        if chance.random() < 0.10:
            yield day + 0.42, self._track(0, "Session Ended", {"duration_minutes": int(120 * keen) + 5})
        if chance.random() < 0.07:
            yield day + 0.43, self._track(chance.randrange(self.people), "Article Read", {})

    def _track(self, person: int, name: str, properties: dict[str, Any]) -> dict[str, Any]:
        user = f"{self.id}-p{person}"
        context = {"groupId": self.id}
        return {"type": "track", "userId": user, "event": name, "properties": properties, "context": context}


def story(accounts: int, seed: int) -> Iterator[str]:
    """Yield the lines, in the order of receipt."""
    chance = random.Random(seed)
    calls = [call for number in range(accounts) for call in Account(number, chance).calls()]
    for number, (day, call) in enumerate(sorted(calls, key=lambda one: one[0])):
        at = (START + timedelta(days=day)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        yield json.dumps({"messageId": f"m{number:07}", **call, "timestamp": at, "receivedAt": at})


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--accounts", type=int, default=1_200)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{line}\n" for line in story(chosen.accounts, chosen.seed))
    path = chosen.out / "events.jsonl.gz"
    path.write_bytes(gzip.compress(lines.encode(), mtime=0))
    print(f"wrote {path}: {lines.count(chr(10)):,} events")


if __name__ == "__main__":
    main()
