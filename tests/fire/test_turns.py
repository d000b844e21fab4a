"""Two real workers in every order of their calls: whoever overtakes whom, the end is the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from fakes.events import DAY, event, group, identify
from fakes.people import pack_of
from fire.town import HORIZON, KEEP_IDS, Table
from fire.turns import Moves, Turns, schedules
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.keys import is_person
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.count import Counter
from pql.flows.process import Processor
from pql.flows.wake import SETTLING, Waker

PLAN = Plan(
    pack_of(
        """
signals: {reports: {count: Report Created}, idle: {days_since: Report Created}}
rules:
  busy: {when: {signal: reports, at_least: 2}, title: "{account}", reason: "{reports}"}
  quiet: {when: {all: [{signal: idle, at_least: 5}, {signal: reports, at_least: 1}]}, title: t, reason: r}
""",
        """
subject: user
signals: {mine: {count: Report Created}}
rules: {keen: {when: {signal: mine, at_least: 2}, title: "{user}", reason: "{mine}"}}
""",
    )
)
NOW = event("now", at=6 * DAY).time
Job = Callable[[Any], None]
# None for all schedules: minutes.
PREEMPTIONS = None if os.environ.get("PQL_TURNS") == "all" else 2


class Race(NamedTuple):
    """What was there before, and the jobs of the two workers."""

    before: Sequence[Event]
    first: Sequence[Event]
    second: Sequence[Event] | None  # None is the sweep


U, V = event("u", account=None), event("v", account=None)
X = event("x", account=None, user=None, anonymous="x")
FULL = [event(i, at=i) for i in range(140)]
RACES = {
    "two copies": Race([], [event(1)], [event(1)]),
    "two events that make a lead": Race([], [event(1)], [event(2)]),
    "two copies of what made a lead": Race([event(1)], [event(2)], [event(2)]),
    "a copy of what is filed just now": Race(FULL[:70], FULL[70:], FULL[:2]),
    "first account": Race([V], [group("g", at=1)], [U]),
    "another account": Race([group("g", "old"), V], [group("h", at=1)], [V]),
    "device becomes a user": Race([V], [identify("i", anonymous="x", at=1)], [X]),
    "device becomes a user of an account": Race([group("g"), X], [identify("i", anonymous="x", at=1)], [X]),
    "device changes hands": Race(
        [identify("i", anonymous="x")], [identify("j", "bob", anonymous="x", at=1)], [X]
    ),
    "two lessons": Race([X, U], [identify("i", anonymous="x", at=1)], [group("g", at=2)]),
    "a copy and the sweep": Race([event(1)], [event(1)], None),
    "an event and the sweep": Race([event(1)], [event(2, at=6 * DAY)], None),
}


def worker(events: Sequence[Event] | None) -> Job:
    """Return the job of bringing a message to its end, or of a sweep."""

    def process(store: Any) -> None:
        processor = Processor(
            store,
            Counter(store, PLAN, KEEP_IDS, lambda _: None),
            MemoryArchive(),
            MemoryQuarantine(),
            horizon=HORIZON,
            pause=lambda _: None,
        )
        while processor.process([("m", encode(list(events or [])))], "batch", NOW, lambda: 60.0).failed:
            pass

    def sweep(store: Any) -> None:
        Waker(store, PLAN).run(NOW + SETTLING, lambda: 60_000)

    return sweep if events is None else process


def end_of(table: Table) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Return what is counted of accounts and of people, and their leads, once the sweep has come round.

    A user who became a lead before their account was known is the account's lead.
    """
    worker(None)(table)
    kinds: dict[str, float] = {}
    for subject, row in table.accounts.items():
        value = unpack(PLAN.of(subject), subject, row.state).values[0]
        kinds[_kind(subject)] = kinds.get(_kind(subject), 0) + (value or 0)
    return kinds, sorted((_kind(key.subject), key.rule) for key in table.leads)


def _kind(subject: str) -> str:
    return "person" if is_person(subject) else "account"


@pytest.mark.parametrize("name", RACES)
def test_fault_034_053_every_schedule_comes_to_the_same_end(name: str) -> None:
    """At every call the other worker may take over, twice; with PQL_TURNS=all as often as there are calls."""
    race = RACES[name]
    table = Table()

    def play(schedule: Sequence[int]) -> Moves:
        nonlocal table
        table = Table()
        if race.before:
            worker(race.before)(table)
        return Turns([table, table], [worker(race.first), worker(race.second)]).play(schedule)

    ends = {}
    for schedule in schedules(play, PREEMPTIONS):
        ends.setdefault(repr(end_of(table)), schedule)

    assert 1 == len(ends), ends
