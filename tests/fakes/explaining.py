"""Rules and a history to ask why of, and `pql explain` itself."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, event, group
from pql.cli.main import main

Captured = pytest.CaptureFixture[str]
RULES = """
signals:
  people: {distinct: users, of: any, within: 14d, label: active users}
  reports: {count: Report Created, within: 30d, label: reports created}
  projects: {count: Project Created, label: projects created}
  views: {count: Billing Viewed, within: 7d, label: billing views}
scores:
  activation:
    - {points: 25, when: {signal: people, at_least: 9}}
    - {points: 20, when: {signal: reports, at_least: 2}}
    - {points: 5, per: projects, up_to: 20}
rules:
  lively: {when: {signal: reports, at_least: 1}, title: "{account} reports", reason: r, cooldown: 1d}
  broad: {when: {all: [{signal: people, at_least: 4}, {signal: reports, at_least: 1}]}, title: t, reason: r}
  scored: {when: {score: activation, at_least: 30}, title: t, reason: r}
  either:
    when: {any: [{signal: projects, at_least: 9}, {signal: reports, at_least: 2}]}
    title: t
    reason: r
  calm: {when: {all: [{signal: views, less_than: 2}, {signal: reports, at_least: 1}]}, title: t, reason: r}
  ending: {when: {until: trial_ends, at_most: 3d}, title: t, reason: r, status: shadow}
  paying: {when: {trait: plan, in: [paid, pro]}, title: t, reason: r, status: draft}
  fresh: {when: {signal: projects, less_than: 1}, unless: {trait: plan, is: trial}, title: t, reason: r}
"""
HISTORY = [
    event("billing", "Billing Viewed", at=0),
    event("more billing", "Billing Viewed", at=1 * HOUR),
    group("traits", at=2 * HOUR, plan="trial", trial_ends="2025-01-12", name="Acme"),
    event("report", "Report Created", at=2 * DAY),
    event("project", "Project Created", at=3 * DAY, user="bob"),
    event("other", "Report Created", at=3 * DAY, account="other", user="eve"),
]
NOT = "\N{EN DASH}"


def with_tests() -> str:
    """Return a firing and a silent test for every rule: one does not load without."""
    names = ["lively", "broad", "scored", "either", "calm", "ending", "paying", "fresh"]
    lines = ["tests:"]
    for name in names:
        lines.append(
            f"  - {{name: {name} fires, rule: {name}, timeline: [0d Report Created], expect: fires at 0d}}"
        )
        lines.append(f"  - {{name: {name} is silent, rule: {name}, timeline: [0d Other], expect: silent}}")
    return "\n".join(lines)


def asked(capsys: Captured, *words: object) -> tuple[int, str, str]:
    """Return exit code, output and complaints of `pql explain`."""
    code = main(["explain", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err
