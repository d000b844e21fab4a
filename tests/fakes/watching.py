"""A watch over rules, and what it sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fakes.events import DAY, START
from fakes.leads import northwind
from fakes.memory_overrides import MemoryOverrides
from fakes.memory_watch import MemoryWatch
from fakes.plans import plan_of
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_state import Life
from pql.engine.plan import Plan
from pql.flows.firing_rate import WEEK
from pql.flows.watch import Watch

RULES = """
signals:
  reports: {count: Report Created}
  people: {distinct: users, of: [Report Created, Invite Sent]}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: t, reason: r}
  broad: {when: {signal: people, at_least: 3}, title: t, reason: r}
"""
PLAN = plan_of(RULES)
NOW = START - START % WEEK + 100 * WEEK


class Letters:
    """A topic that keeps what is published."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Keep it."""
        assert not attributes
        self.bodies.append(body)


class World:
    """A watch, and what it sees."""

    def __init__(self, guarded: Sequence[str] = ()) -> None:
        self.seen = MemoryWatch()
        self.overrides = MemoryOverrides()
        self.topic = Letters()
        self.deploy(PLAN, guarded)

    def deploy(self, plan: Plan, guarded: Sequence[str] = ()) -> None:
        """Watch the rules of this plan from now on."""
        self.checksums = {slot.name: slot.checksum for slot in plan.rules}
        self.watch = Watch(self.seen, self.overrides, self.topic, plan, guarded)

    def lead(
        self, rule: str, created: int, converted: int | None = None, *, introduced: bool = False
    ) -> None:
        """Add a lead."""
        key = LeadKey(f"a:{len(self.seen.leads)}", rule, 1)
        lead = northwind(
            rule=rule, account_id=key.subject[2:], created=created, checksum=self.checksums[rule]
        )
        lead = msgspec.structs.replace(lead, introduced=introduced)
        state: Any = {} if converted is None else {"state": "converted", "converted_at": converted}
        self.seen.leads[key] = LeadRecord(lead, standing=msgspec.convert(state, Life))

    def week(self, rule: str, ago: int, leads: int, converted: int = 0) -> None:
        """Add the leads of the week that ended so many weeks ago."""
        for place in range(leads):
            at = NOW - ago * WEEK - DAY - place
            self.lead(rule, at, at + DAY if place < converted else None)

    def run(self, now: int = NOW, *, converts: bool = False) -> dict[str, int]:
        """Look, and return what is counted."""
        return {name: n for name, n in self.watch.run(now, converts=converts).counts.items() if n}
