"""Rule packs for tests, without tests of their own."""

from __future__ import annotations

import functools

from pql.engine.plan import Plan
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

MIXED = """
signals:
  reports: {count: Report Created, within: 7d}
  reports_ever: {count: Report Created}
  bursts: {count: Report Created, within: 6h}
  today: {count: any, within: 1d}
  pdfs: {count: Report Created, where: {format: pdf}}
  people: {distinct: users, of: any, within: 7d, keep: 4}
  formats: {distinct: format, of: Report Created, keep: 3}
  spent: {sum: amount, of: [Order Completed, Report Created], within: 7d}
  spent_ever: {sum: amount, of: Order Completed}
  level: {latest: amount, of: any}
  recent_level: {latest: amount, of: any, within: 2d}
  most: {max: amount, of: any, within: 2d}
  most_ever: {max: amount, of: any}
scores:
  usage:
    - {points: 10, when: {signal: reports, at_least: 2}}
    - {points: 5.5, when: {signal: people, at_least: 2}}
    - {points: 20, when: {trait: plan, is: trial}}
rules:
  busy: {when: {signal: reports, at_least: 3}, cooldown: 1d, title: busy, reason: "{reports} reports"}
  broad: {when: {all: [{signal: people, at_least: 3}, {not: {trait: plan, is: paid}}]}, title: t, reason: r}
  scored: {when: {score: usage, at_least: 15}, cooldown: 12h, title: "{account}", reason: "{score}"}
  big: {when: {any: [{signal: spent, more_than: 100}, {signal: most, at_least: 90}]}, cooldown: 6h, title: t, reason: r}
  quiet: {when: {all: [{signal: bursts, less_than: 2}, {signal: reports_ever, at_least: 4}]}, title: t, reason: r}
"""


def plan_of(text: str = MIXED) -> Plan:
    """Return the plan of one rule file given as text."""
    return Plan(Pack({"rules.yaml": _file(text)}))


@functools.lru_cache(64)
def _file(text: str) -> RuleFile:
    return RuleFile.model_validate(Source("rules.yaml", text).data)
