"""What changes by time alone: signals, dates, and when the account must be woken."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.core.event import Event
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import slide, step, wake, waking
from pql.rules.conditions import SinceCondition, UntilCondition

SIGNALS = """
signals:
  silent: {days_since: Report Created}
  run: {streak: any}
  growth: {trend: any, within: 3d, floor: 2}
  momentum: {decayed: any, half_life: 2d}
  champion: {champion_quiet: any, within: 20d}
rules: {one: {when: {signal: silent, at_least: 100}, title: t, reason: r}}
"""
TODAY = START // DAY


def told(plan: Plan, history: list[Event], now: int) -> dict[str, Any]:
    """Return the value of each signal by its kind, at `now` and after a round trip through the table."""
    account = plan.account("a:acme")
    for one in history:
        step(plan, account, one)
    account = unpack(plan, "a:acme", pack(plan, account))
    step(plan, account, event("late", "Nothing of this", kind="page", at=now - START))
    return {slot.signal.kind: slot.signal.value_at(account.values[slot.place], now) for slot in plan.signals}


def days(history: list[Event]) -> list[int]:
    """Return the day of each event."""
    return [one.time // DAY for one in history]


def silent(history: list[Event], now: int) -> float | None:
    """The time since the newest report."""
    times = [one.time for one in history if one.name == "Report Created"]
    return max(0, now - max(times)) / DAY if times else None


def run(history: list[Event], now: int) -> int:
    """Days in a row, counted back from the newest, which is today or yesterday."""
    active = {day for day in days(history) if day <= now // DAY}
    newest = max(active, default=0)
    if now // DAY - newest > 1:
        return 0
    return next(length for length in range(1, 500) if newest - length not in active)


def growth(history: list[Event], now: int) -> float | None:
    """The last three days over the three before them."""
    ages = [now // DAY - day for day in days(history)]
    recent, before = sum(age < 3 for age in ages), sum(3 <= age < 6 for age in ages)
    return recent / before if before >= 2 else None


def momentum(history: list[Event], now: int) -> float:
    """Halved every two days, forgotten after twenty."""
    ages = [now // DAY - day for day in days(history)]
    return sum(0.5 ** (max(0, age) / 2) for age in ages if age < 20)


def champion(history: list[Event], now: int) -> int | None:
    """Days since whoever did most in twenty days did anything; of equals whoever came last."""
    recent = [one for one in history if now // DAY - one.time // DAY < 20]
    by_user: dict[str, list[int]] = {}
    for one in recent:
        by_user.setdefault(one.user or "", []).append(one.time // DAY)
    if not by_user:
        return None
    most = max(map(len, by_user.values()))
    return max(0, now // DAY - max(max(found) for found in by_user.values() if len(found) == most))


REFERENCE: dict[str, Callable[[list[Event], int], float | None]] = {
    "days_since": silent,
    "streak": run,
    "trend": growth,
    "decayed": momentum,
    "champion_quiet": champion,
}


def history(rnd: random.Random) -> list[Event]:
    """Return up to twelve events of three people within thirty days, in order of arrival.

    Some come late, of some a fast clock has put the time ahead of ours.
    """
    moments = [rnd.randrange(30 * 24) * HOUR for _ in range(rnd.randrange(13))]
    return [
        event(
            i,
            rnd.choice(["Report Created", "Signed In"]),
            at=at,
            received=at + rnd.choice([-20 * HOUR, 0, HOUR, 2 * DAY]),
            user=rnd.choice(["ada", "bob", "cyd"]),
        )
        for i, at in enumerate(moments)
    ]


def test_timed_signals_agree_with_the_slow_reading_of_the_whole_history() -> None:
    """In whatever order events arrive, the value is that of the moment asked, however quiet it was."""
    plan = plan_of(SIGNALS)
    rnd = random.Random(20)  # noqa: S311 - histories, not secrets
    for _ in range(1_500):
        events = history(rnd)
        now = max((one.received for one in events), default=START) + rnd.randrange(25 * 24) * HOUR
        expected = {kind: reference(events, now) for kind, reference in REFERENCE.items()}

        assert pytest.approx(expected) == told(plan, events, now)


RULES = {
    "silence": ("signals: {s: {days_since: any}}", "{signal: s, at_least: 10}", 10 * DAY),
    "trial ending": ("", "{until: trial_ends_at, at_most: 3d}", 17 * DAY),
    "two weeks in": ("", "{since: started_at, at_least: 14d}", 14 * DAY),
    "an emptied window": (
        "signals: {s: {count: Report Created, within: 7d}, e: {count: any}}",
        "{all: [{signal: s, less_than: 1}, {signal: e, at_least: 1}]}",
        7 * DAY,
    ),
    "decay below a bound": (
        "signals: {s: {decayed: any, half_life: 2d}, e: {count: any}}",
        "{all: [{signal: s, less_than: 0.5}, {signal: e, at_least: 1}]}",
        3 * DAY,
    ),
    "a broken streak": (
        "signals: {s: {streak: any}, e: {count: any}}",
        "{all: [{signal: s, less_than: 1}, {signal: e, at_least: 1}]}",
        2 * DAY,
    ),
    "left unfollowed": (
        "signals: {s: {unfollowed: Report Created, by: Report Shared, within: 30d}}",
        "{signal: s, at_least: 3}",
        3 * DAY,
    ),
    "points that fade": (
        """signals: {s: {decayed: any, half_life: 2d}, e: {count: any}}
scores: {p: [{points: 10, per: s, up_to: 100}]}""",
        "{all: [{score: p, at_most: 5}, {signal: e, at_least: 1}]}",
        2 * DAY,
    ),
    "a quiet champion": (
        "signals: {s: {champion_quiet: any, within: 60d}}",
        "{signal: s, at_least: 10}",
        10 * DAY,
    ),
}


@pytest.mark.parametrize(("signals", "when", "due"), RULES.values(), ids=RULES)
def test_a_rule_that_time_makes_true_fires_at_the_moment_however_late_it_is_looked_at(
    signals: str, when: str, due: int
) -> None:
    """Waking the account on time, weeks late, or by the next event gives one lead as of the same moment."""
    plan = plan_of(f"{signals}\nrules: {{r: {{when: {when}, title: t, reason: r}}}}")
    traits = group("g", trial_ends_at="2025-01-21", started_at=START)
    first = event(0)
    assert START == 1_735_689_600_000  # 2025-01-01, so that the trial above ends on day 20

    def fired(*, woken: list[int], then: int | None) -> list[tuple[int, bool]]:
        account = plan.account("a:acme")
        found = [*step(plan, account, traits), *step(plan, account, first)]
        for moment in woken:
            account = unpack(plan, "a:acme", pack(plan, account))
            found += wake(plan, account, START + moment)
        if then is not None:
            found += step(plan, account, event(9, "Other", kind="page", at=then))
        return [(one.at - START, one.event is None) for one in found]

    expected = [(due, True)]

    assert expected == fired(woken=[due - 1, due, due + HOUR], then=None)
    assert expected == fired(woken=[due + 3 * HOUR], then=due + 2 * DAY)
    assert expected == fired(woken=[], then=due + 3 * HOUR)


FLOWING = ("days_since: any", "unfollowed: Report Created, by: Signed In, within: 9d")
TIMED = (
    *FLOWING,
    "champion_quiet: any, within: 12d",
    "decayed: any, half_life: 2d",
    "streak: any",
    "trend: any, within: 3d, floor: 2",
)
COMPARED = (
    "at_least: 3",
    "more_than: 3",
    "at_most: 1",
    "less_than: 1",
    "more_than: 2.5",
    "is: 0",
    "exists: false",
)
SCORED = "score: p, at_least: 20"
# What flows is refused where one number is asked for.
ASKED = [
    (signal, compared)
    for signal in TIMED
    for compared in (*COMPARED, SCORED)
    if signal not in FLOWING or not compared.startswith("is")
]


@pytest.mark.parametrize("turned", ["{%s}", "{not: {%s}}"], ids=["", "not"])
@pytest.mark.parametrize(("signal", "compared"), ASKED)
def test_nothing_becomes_true_between_two_wakings(signal: str, compared: str, turned: str) -> None:
    """Whoever looks at any moment in between finds a condition that did not hold not holding."""
    condition = turned % (compared if compared == SCORED else f"signal: s, {compared}")
    bands = "scores: {p: [{bands: {1: 20, 3: 30}, signal: s}]}"
    plan = plan_of(
        f"signals: {{s: {{{signal}}}}}\n{bands}\nrules: {{r: {{when: {condition}, title: t, reason: r}}}}"
    )
    rnd = random.Random(f"{signal} {condition}")  # noqa: S311 - histories, not secrets
    for _ in range(8):
        account = plan.account("a:acme")
        for one in history(rnd):
            step(plan, account, one)
        assert_none_missed(plan, account, rnd)


@pytest.mark.parametrize("turned", ["{%s}", "{not: {%s}}"], ids=["", "not"])
@pytest.mark.parametrize(
    "condition", ["until: at, at_most: 3d", "since: at, at_least: 3d", "since: at, at_most: 3d"]
)
def test_no_date_passes_between_two_wakings(condition: str, turned: str) -> None:
    """The same of dates."""
    plan = plan_of(f"rules: {{r: {{when: {turned % condition}, title: t, reason: r}}}}")
    rnd = random.Random(condition)  # noqa: S311 - same
    for _ in range(8):
        account = plan.account("a:acme")
        step(plan, account, event("t", "", kind="group", traits={"at": START + rnd.randrange(9 * DAY)}))
        assert_none_missed(plan, account, rnd)


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (SinceCondition(since="at", at_least="3d"), [3.0, 9.0]),
        (SinceCondition(since="at", at_most="3d"), [0.0, 3.0]),
        (UntilCondition(until="at", at_most="3d"), [3.0]),
    ],
    ids=str,
)
def test_a_date_is_as_far_as_it_may_be_at_its_bound(
    condition: SinceCondition | UntilCondition, held: list[float]
) -> None:
    """Three days are three days, to either side; a date that has not come, or has gone, is none of these."""
    assert held == [days for days in (-0.5, 0.0, 3.0, 9.0) if condition.holds(days)]


def assert_none_missed(plan: Plan, account: Account, rnd: random.Random) -> None:
    """Follow the wakings for forty days, or until the rule holds, and look in between."""
    bit = plan.rules[0].bit
    end = account.clock + 40 * DAY
    while account.clock < end and not plan.verdict(account.values, account.clock) & bit:
        clock = account.clock
        until = min(end, waking(plan, account))
        looks = {clock + 1, until - 1, *(rnd.randrange(clock + 1, until + 1) for _ in range(4))}
        for moment in looks - {clock, until}:
            seen = unpack(plan, "a:acme", pack(plan, account))
            slide(plan, seen, moment)
            assert not plan.verdict(seen.values, moment) & bit, (clock - START, moment - START)
        if until == end:
            return
        wake(plan, account, until)


def test_an_account_whose_rules_only_events_can_make_true_is_never_woken() -> None:
    """Lower bounds on counts need no clock."""
    plan = plan_of(
        "signals: {s: {count: any, within: 7d}}\n"
        "rules: {r: {when: {signal: s, at_least: 3}, title: t, reason: r}}"
    )
    account = plan.account("a:acme")
    step(plan, account, event(0))

    assert NEVER == waking(plan, account)


def test_every_waking_comes_later_than_the_one_before() -> None:
    """An account is never woken twice for the same moment, and not for ever."""
    plan = plan_of(SIGNALS.replace("signal: silent, at_least: 100", "signal: growth, at_most: 0.5"))
    rnd = random.Random(4)  # noqa: S311 - same
    for _ in range(200):
        account = plan.account("a:acme")
        for one in history(rnd):
            step(plan, account, one)
        moments = []
        while (moment := waking(plan, account)) != NEVER:
            moments.append(moment)
            wake(plan, account, moment)

        assert all(earlier < later for earlier, later in pairwise(moments))
        assert len(moments) < 100


@pytest.mark.parametrize(
    ("condition", "seats", "limit", "holds"),
    [
        ("{ratio: seats, to_trait: seat_limit, at_least: 0.8}", [8], 10, True),
        ("{ratio: seats, to_trait: seat_limit, at_least: 0.8}", [7], 10, False),
        ("{ratio: seats, to_trait: seat_limit, at_least: 0.8}", [8], 0, False),
        ("{ratio: seats, to_trait: seat_limit, at_least: 0.8}", [8], "ten", False),
        ("{forecast: seats, reaches: seat_limit, within: 14d}", [1, 2, 3], 10, True),
        ("{forecast: seats, reaches: seat_limit, within: 14d}", [1, 2, 3], 20, False),
        ("{forecast: seats, reaches: seat_limit, within: 14d}", [3, 2, 1], 4, False),
        ("{forecast: seats, reaches: seat_limit, within: 14d}", [12], 10, True),
        ("{forecast: seats, reaches: seat_limit, within: 14d}", [9], 10, False),
        ("{forecast: seats, reaches: seat_limit, within: 14d}", [10], 10, True),
        ("{forecast: seats, reaches: 10, within: 14d}", [1, 2, 3], 99, True),
        ("{forecast: seats, reaches: 20, within: 14d}", [1, 2, 3], 4, False),
        ("{forecast: seats, reaches: 9.5, within: 14d}", [9.5], None, True),
        ("{ratio: seats, to_trait: seat_limit, at_most: 0.8}", [8], -1, False),
    ],
)
def test_a_level_is_held_against_its_limit(
    condition: str, seats: list[float], limit: object, *, holds: bool
) -> None:
    """By the share used, or by the day on which the straight line through the reports meets the limit."""
    plan = plan_of(
        "signals: {seats: {gauge: n, of: Seats Counted, within: 30d}}\n"
        f"rules: {{r: {{when: {condition}, title: t, reason: r}}}}"
    )
    account = plan.account("a:acme")
    step(plan, account, group("g", at=-HOUR, seat_limit=limit))
    fired = [
        one
        for day, count in enumerate(seats)
        for one in step(plan, account, event(day, "Seats Counted", at=day * DAY, properties={"n": count}))
    ]

    assert holds is bool(fired)


def test_a_score_of_what_time_changes_is_never_stale() -> None:
    """A rule that an unrelated event has judged sees the score as of now, not as of the last report."""
    plan = plan_of(
        """
signals: {reports: {decayed: Report Created, half_life: 1d}, seats: {count: Seat Added}}
scores: {momentum: [{points: 1, per: reports, up_to: 100}]}
rules:
  cold:
    when: {all: [{score: momentum, at_most: 1}, {signal: seats, at_least: 1}]}
    title: t
    reason: r
"""
    )
    account = plan.account("a:acme")
    events = [event(i, at=i) for i in range(4)] + [event(9, "Seat Added", at=5 * DAY)]

    assert [("cold", 5 * DAY)] == [
        (one.rule.name, one.at - START) for e in events for one in step(plan, account, e)
    ]
