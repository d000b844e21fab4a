"""Every call of a story goes wrong in every way, is done again until acknowledged, and nothing shows."""

from __future__ import annotations

import os
from typing import Any

import pytest

from fakes.events import DAY, HOUR, event, group, identify
from fakes.people import pack_of
from fire.faults import WAYS, BreaksOne, Faults, Way
from fire.town import Town
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import unpack

PLAN = Plan(
    pack_of(
        """
conversions: [Order Completed]
signals: {reports: {count: Report Created}, idle: {days_since: Report Created}}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}
  full: {when: {signal: reports, at_least: 70}, title: "{account}", reason: "{reports}"}
  quiet: {when: {all: [{signal: idle, at_least: 14}, {signal: reports, at_least: 3}]}, title: t, reason: r}
""",
        """
subject: user
signals: {mine: {count: Report Created}}
rules: {keen: {when: {signal: mine, at_least: 3}, title: "{user}", reason: "{mine}"}}
""",
    )
)
X = event("x", account=None, user=None, anonymous="x")
# So many that ids leave the row, on days of their own.
FLOOD = [event(i, at=i * HOUR // 2, received=3 * DAY, user="bob") for i in range(90)]
STORY: list[list[list[Event]]] = [
    [[X], [event("u", account=None)], [event("v", account=None), event("w", account=None)]],
    [[identify("i", anonymous="x", at=HOUR)], [group("g", at=2 * HOUR)]],
    [FLOOD[:60], FLOOD[60:]],
    [[event("y", at=5 * DAY)], [event("z", at=5 * DAY, user="bob")]],
    [[event("o", "Order Completed", at=6 * DAY, account=None)], [event("q", account="globex", at=6 * DAY)]],
]
# Every sixth call on each run, beginning where the way does, so that each call goes wrong in one way of
# the six; every call in every way takes six times as long.
STRIDE = 1 if os.environ.get("PQL_CALLS") == "all" else len(WAYS)
# The account is not told again what was told of its user.
END = {
    "counted": {"a:acme": 96, "a:globex": 1, "p:ada": 6, "p:bob": 91},
    "leads": {
        ("a:acme", "full", 1): "converted",
        ("a:acme", "quiet", 1): "open",
        ("p:ada", "keen", 1): "converted",
        ("p:bob", "keen", 1): "open",
        ("u:ada", "busy", 1): "converted",
    },
    "told": [1] * 5,
}


def tell(faults: Faults, *, doubled: bool) -> Town:
    """Tell the story to a town, chapter by chapter, and three weeks later see what has become of it."""
    town = Town(PLAN, faults)
    for day, chapter in enumerate(STORY):
        # Copies of this chapter come beside it, those of the last one a day later.
        copies = [*chapter, *(STORY[day - 1] if day else [])] if doubled else []
        for message in [*chapter, *copies]:
            town.send(*message)
        town.now += day * DAY
        if day == 2:
            town.process()
            town.lose_stream()
        town.settle()
    town.now += 21 * DAY
    town.settle()
    return town


def end_of(town: Town) -> dict[str, Any]:
    """Return what was counted, the leads and how they stand, and that each is on one card."""
    counted = {
        subject: unpack(PLAN.of(subject), subject, row.state).values[0]
        for subject, row in town.table.accounts.items()
    }
    return {
        "counted": {subject: value for subject, value in counted.items() if value},
        "leads": {tuple(key): one.standing.state for key, one in sorted(town.table.leads.items())},
        "told": sorted(town.told.values()),
    }


@pytest.mark.parametrize("doubled", [False, True], ids=["once", "every message twice"])
@pytest.mark.parametrize("way", WAYS)
def test_fault_049_whatever_call_goes_wrong_the_end_is_the_same(way: Way, doubled: bool) -> None:  # noqa: FBT001 - a parameter
    """Counts, leads, conversions and cards, with and without copies: copies heal a loss and would hide it."""
    quiet = Faults()
    tell(quiet, doubled=doubled)
    ends = {}
    for at in range(WAYS.index(way) % STRIDE, quiet.calls + 1, STRIDE):
        end = end_of(tell(BreaksOne(at, way), doubled=doubled))
        if end != END:
            ends[at] = end

    assert {} == ends
