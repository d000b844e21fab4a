"""Points and ratios are what plain arithmetic over the whole history gives.

`PQL_HISTORIES=10000` looks at that many histories.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from fakes.events import DAY, group
from fakes.histories import some_histories
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.state import pack, unpack
from pql.engine.step import step
from pql.rules.properties import number

HISTORIES = int(os.environ.get("PQL_HISTORIES", "300"))
SUBJECT = "a:acme"
PLAN = plan_of("""
signals:
  reports: {count: Report Created, within: 2d}
  people: {distinct: users, of: any, within: 7d, keep: 8}
  largest: {max: amount, of: any}
scores:
  usage:
    - {points: 5, per: reports, up_to: 20}
    - {points: 7, when: {signal: people, at_least: 3}}
    - {points: -4, per: people, up_to: 9}
  fit: [{bands: {1: 5, 50: 15, 1000: -30}, signal: largest}, {bands: {10: 3, 100: -2}, trait: employees}]
  both: [{score: usage, weight: 0.5}, {score: fit, weight: 2}]
rules:
  ready: {when: {score: both, at_least: 12.5}, title: t, reason: r}
  dense: {when: {ratio: reports, to_signal: people, more_than: 0.5}, title: t, reason: r}
  small: {when: {ratio: people, to_trait: employees, at_least: 0.4}, title: t, reason: r}
""")


class Slow(NamedTuple):
    """What three signals come to, looked up in a list of events."""

    reports: int
    people: int
    largest: float | None


def slow(history: list[Event], clock: int) -> Slow:
    """Return what the signals are at `clock`, from all events there were."""
    tracked = [one for one in history if one.type == "track"]
    days_ago = {one.id: clock // DAY - one.time // DAY for one in tracked}
    named = [one for one in tracked if one.name.lower().replace("_", " ") == "report created"]
    amounts = [number(json.loads(bytes(one.properties))["amount"]) for one in tracked]
    return Slow(
        sum(days_ago[one.id] < 2 for one in named),
        len({one.actor for one in tracked if one.actor and days_ago[one.id] < 7}),
        max((one for one in amounts if one is not None), default=None),
    )


def slow_scores(found: Slow, employees: float | None) -> dict[str, float]:
    """Return the three scores, band by band and point by point."""
    usage = min(5 * found.reports, 20) + (7 if found.people >= 3 else 0) - min(4 * found.people, 9)
    fit = 0
    for value, bands in ((found.largest, {1: 5, 50: 15, 1000: -30}), (employees, {10: 3, 100: -2})):
        fit += [0, *(points for bound, points in bands.items() if value is not None and value >= bound)][-1]
    return {"usage": usage, "fit": fit, "both": usage / 2 + fit * 2}


def test_points_and_ratios_are_what_arithmetic_over_the_history_gives() -> None:
    """Whether folded event by event or stored and read again; both answers come up often."""
    held = {"ready": 0, "dense": 0, "small": 0}
    for place, history in enumerate(some_histories("scores", HISTORIES)):
        employees = (None, 1, 7, 10, 99.5, 100)[place % 6]
        account = PLAN.account(SUBJECT)
        for one in [group("traits", at=0, employees=employees), *history]:
            step(PLAN, account, one)
        found = slow(history, account.clock)
        scores = slow_scores(found, employees)
        holding = {
            "ready": scores["both"] >= 12.5,
            "dense": found.people > 0 and found.reports / found.people > 0.5,
            "small": employees is not None and found.people / employees >= 0.4,
        }

        for one in (account, unpack(PLAN, SUBJECT, pack(PLAN, account))):
            bits = PLAN.verdict(one.values, account.clock)
            assert scores == {slot.name: one.score(slot.place) for slot in PLAN.scores}
            assert holding == {slot.name: bool(bits & slot.bit) for slot in PLAN.rules}
        held = {name: held[name] + holds for name, holds in holding.items()}

    assert all(HISTORIES / 20 < times < HISTORIES * 19 / 20 for times in held.values()), held
