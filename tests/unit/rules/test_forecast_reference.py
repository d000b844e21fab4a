"""A forecast is what exact arithmetic over the whole history gives, to a number and to a trait.

`PQL_HISTORIES=10000` looks at that many histories.
"""

from __future__ import annotations

import json
import os
from fractions import Fraction

import pytest

from fakes.events import DAY, group
from fakes.histories import some_histories
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.state import pack, unpack
from pql.engine.step import step
from pql.rules.conditions import ForecastCondition
from pql.rules.properties import number

HISTORIES = int(os.environ.get("PQL_HISTORIES", "300"))
DAYS = 7
LIMIT = 60
SUBJECT = "a:acme"


def level(event: Event) -> int | float | None:
    """Return the level that an event reports."""
    return number(json.loads(bytes(event.properties))["amount"])


def slow_days(history: list[Event], clock: int) -> Fraction | None:
    """Return in how many days the straight line through the reports of a week meets the limit."""
    told = [(e.time, level(e)) for e in history]
    # Two reports of one level at one moment are one.
    points = sorted({(t, Fraction(n)) for t, n in told if n is not None and clock // DAY - t // DAY < DAYS})
    if not points:
        return None
    if points[-1][1] >= LIMIT:
        return Fraction(0)
    times, levels = [Fraction(t, DAY) for t, _ in points], [n for _, n in points]
    middle, mean = sum(times) / len(points), sum(levels) / len(points)
    spread = sum((t - middle) ** 2 for t in times)
    rise = sum((t - middle) * (n - mean) for t, n in zip(times, levels, strict=True))
    return None if rise <= 0 else (LIMIT - levels[-1]) * spread / rise


@pytest.mark.parametrize("limit", [str(LIMIT), "Seat Limit"], ids=["a number", "a trait"])
def test_a_forecast_is_when_the_line_through_the_reports_meets_the_limit(limit: str) -> None:
    """Folded event by event or stored and read again, and the rule holds on the days it says."""
    plan = plan_of(
        f"signals: {{s: {{gauge: amount, of: any, within: {DAYS}d}}}}\n"
        f"rules: {{r: {{when: {{forecast: s, reaches: {limit}, within: 3d}}, title: t, reason: r}}}}"
    )
    forecast = plan.rules[0].rule.when
    assert isinstance(forecast, ForecastCondition)
    told = [LIMIT] if limit == "Seat Limit" else []
    compared = 0
    for told_of in some_histories(limit, HISTORIES):
        # Beyond what a float tells apart a line is what rounding makes of it.
        history = [one for one in told_of if abs(level(one) or 0) < 2**53]
        account = plan.account(SUBJECT)
        for one in [group("traits", at=0, seat_limit=LIMIT), *history]:
            step(plan, account, one)
        stored = unpack(plan, SUBJECT, pack(plan, account))
        slow = slow_days(history, account.clock)
        expected = None if slow is None else pytest.approx(float(slow), rel=1e-6, abs=1e-9)

        assert expected == forecast.number(account.values[0], *told, account.clock)
        assert expected == forecast.number(stored.values[0], *told, account.clock)
        assert (slow is not None and slow <= 3) is bool(plan.verdict(account.values, account.clock) & 1)
        compared += slow is not None and slow > 0

    assert compared > HISTORIES / 10
