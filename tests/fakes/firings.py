"""A rule about reports, and when it fires."""

from __future__ import annotations

from fakes.events import DAY, event
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.step import step

RULE = """
signals:
  reports: {count: Report Created, within: 2d}
  ever: {count: Report Created}
rules:
  busy: {when: {signal: reports, at_least: 2}, cooldown: 5d, title: t, reason: r}
"""


def fires(plan: Plan, events: list[Event], subject: str = "a:acme") -> list[tuple[str, int, int]]:
    """Return (rule, cycle, index of the event) for every firing."""
    account = plan.account(subject)
    return [(f.rule.name, f.cycle, i) for i, one in enumerate(events) for f in step(plan, account, one)]


def days(*offsets: float) -> list[Event]:
    """Return a report at each offset in days."""
    return [event(i, at=int(offset * DAY)) for i, offset in enumerate(offsets)]
