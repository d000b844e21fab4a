"""A score that is a wrong guess, and two years of accounts that may tell so."""

from __future__ import annotations

import json
import random

RULES = """\
# What a trial does.
signals:
  invites: {count: Invite Sent}
  reports: {count: Report Created}
scores:
  fit: # a guess
    - {points: 20, when: {signal: invites, at_least: 1}}
    - {points: 40, when: {signal: reports, at_least: 1}}   # surely this
rules:
  ready:
    when: {score: fit, at_least: 40}
    title: "{account} is ready"
    reason: "{invites} invited, {reports} reports."
conversions: [Subscription Started]
tests:
  - {name: a report, timeline: [0d Report Created], expect: fires at 0d}
  - {name: an invitation, timeline: [0d Invite Sent], expect: silent}
"""
DAY = 86_400


def lines(*, is_telling: bool) -> list[str]:
    """Return two years of 700 accounts: who invites converts one time in two, if that is to tell anything."""
    draw = random.Random(5)  # noqa: S311 - a story, and the same one each time
    found = []
    for index in range(700):
        born = 1_700_000_000 + index * DAY
        does = [name for name in ("Invite Sent", "Report Created") if draw.random() < 0.3]
        chance = 0.5 if "Invite Sent" in does else 0.02
        converts = draw.random() < (chance if is_telling else 0.15)
        told = [("Signed Up", 0), *((name, 3) for name in does)]
        told += [("Subscription Started", 20)] if converts else []
        found += [(born + day * DAY, index, name) for name, day in told]
    return [
        json.dumps(
            {
                "type": "track",
                "event": name,
                "messageId": f"{index}/{name}",
                "userId": f"u{index}",
                "context": {"groupId": f"g{index}"},
                "timestamp": at * 1000,
            }
        )
        for at, index, name in sorted(found)
    ]
