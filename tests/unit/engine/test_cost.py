"""An event costs the same, however much an account remembers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from fakes.events import DAY, HOUR, event, group
from fakes.plans import plan_of
from pql.core.window import MINUTE
from pql.engine.step import step

# Each kind of signal with a small and a large window, what is between two events, and how many there are.
KINDS = [
    ("count: any", ("", ""), DAY, (56, 392)),
    ("count: any", (", within: 56d", ", within: 392d"), DAY, (56, 392)),
    ("count: any", (", within: 56m", ", within: 1400m"), MINUTE, (56, 1400)),
    ("count: any, since: started", (", within: 56m", ", within: 1400m"), MINUTE, (56, 1400)),
    ("sum: amount, of: any", (", within: 56d", ", within: 392d"), DAY, (56, 392)),
    ("active_days: any", (", within: 56d", ", within: 392d"), DAY, (56, 392)),
    ("active_days: any, by: user", (", within: 7d", ", within: 63d"), DAY // 8, (56, 504)),
    ("streak: any", ("", ""), DAY, (56, 392)),
    ("decayed: any", (", half_life: 6d", ", half_life: 40d"), DAY, (56, 392)),
    ("trend: any", (", within: 28d", ", within: 196d"), DAY, (56, 392)),
    ("trend: any", (", within: 28h", ", within: 364h"), HOUR, (56, 728)),
    ("trend: any", (", within: 28m", ", within: 700m"), MINUTE, (56, 1400)),
    ("changes: amount, of: any", (", within: 4d", ", within: 31d"), HOUR, (96, 744)),
    ("latest: amount, of: any", (", within: 56d", ", within: 392d"), DAY, (56, 392)),
    ("min: amount, of: any", (", within: 56d", ", within: 392d"), DAY, (56, 392)),
    ("max: amount, of: any", (", within: 56d", ", within: 392d"), DAY, (56, 392)),
    ("distinct: users, of: any", (", within: 7d", ", within: 63d"), DAY // 8, (56, 504)),
    ("users_each: any, times: 3", (", within: 7d", ", within: 63d"), DAY // 8, (56, 504)),
    ("top_share: any", (", within: 7d", ", within: 63d"), DAY // 8, (56, 504)),
    ("champion_quiet: any", (", within: 7d", ", within: 63d"), DAY // 8, (56, 504)),
    ("sequence: [any, Order Completed]", (", within: 3d", ", within: 31d"), HOUR, (56, 728)),
    ("unfollowed: Report Created, by: Order Completed", ("", ""), HOUR, (56, 728)),
    ("gauge: amount, of: any", (", within: 4d", ", within: 31d"), HOUR, (96, 744)),
    ("days_since: any", ("", ""), DAY, (56, 392)),
]
# What another way through a fold may cost: one that is walked bucket by bucket costs thousands more.
SLACK = 60


@pytest.mark.parametrize(("signal", "windows", "apart", "numbers"), KINDS, ids=[one[0] for one in KINDS])
def test_a_full_window_makes_no_event_dearer(
    signal: str, windows: tuple[str, str], apart: int, numbers: tuple[int, int]
) -> None:
    """One more beside the one before runs the instructions that it runs in a window with a few days."""
    few, many = (
        instructions_of_one_more(signal + window, apart, events)
        for window, events in zip(windows, numbers, strict=True)
    )

    assert many <= few + SLACK


def instructions_of_one_more(signal: str, apart: int, events: int) -> int:
    """Return how many instructions of ours an event runs behind so many others."""
    plan = plan_of(
        f"signals: {{s: {{{signal}}}}}\n"
        "rules:\n"
        "  r: {when: {any: [{signal: s, at_least: 9999}, {signal: s, less_than: 0}]}, title: t, reason: r}"
    )
    account = plan.account("a:acme")
    step(plan, account, group("trait", at=0, started="2020-01-01"))
    said = [{"amount": number % 7} for number in range(events + 3)]
    for number in range(events):
        step(plan, account, sent(number, number * apart, said))
    last = (events - 1) * apart
    for number in (events, events + 1):
        step(plan, account, sent(number, last + number, said))
    return traced(lambda: step(plan, account, sent(events + 2, last + events + 2, said)))


def sent(number: int, at: int, said: list[dict[str, Any]]) -> Any:
    """Return an event of one of eight users."""
    return event(number, at=at, user=f"u{number % 8}", properties=said[number])


def traced(run: Callable[[], object]) -> int:
    """Return how many instructions `run` executes."""
    count = 0

    def trace(frame: FrameType, what: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += what == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count
