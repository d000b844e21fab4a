"""Rehearse the tests inside rule files: each timeline through the same step as live events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from pql.core.event import Event
from pql.core.keys import account_key
from pql.engine.plan import Plan
from pql.engine.step import step
from pql.rules.pack import Pack
from pql.rules.timeline import Moment, Timeline, spoken

# 2025-01-01T00:00:00Z: a timeline starts at midnight UTC, so that days in it are days of a window.
START = 1_735_689_600_000
ACCOUNT = "rehearsal"


class Verdict(NamedTuple):
    """What a timeline expected and when the rule really fired, both as offsets in ms."""

    file: str
    name: str
    rule: str
    expected: list[int]
    fired: list[int]

    @property
    def passed(self) -> bool:
        """Return whether the rule did what the timeline expects."""
        return self.expected == self.fired

    @property
    def words(self) -> str:
        """Return the verdict in plain words."""
        if self.passed:
            return f"{self.rule} {_told(self.fired)}"
        return f"{self.rule} was expected to {_told(self.expected, future=True)}, but it {_told(self.fired)}"


def rehearse(pack: Pack) -> Iterator[Verdict]:
    """Yield the verdict on every timeline of the pack, in file order."""
    plan = Plan(pack)
    for name, file in pack.files.items():
        for timeline in file.tests:
            rule = timeline.rule or next(iter(file.rules))
            yield Verdict(name, timeline.name, rule, timeline.expected() or [], _fired(plan, timeline, rule))


def _fired(plan: Plan, timeline: Timeline, rule: str) -> list[int]:
    account = plan.account(account_key(ACCOUNT))
    moments = sorted(timeline.moments(), key=lambda moment: moment.offset)
    fired = []
    for index, moment in enumerate(moments):
        for event in events_of(moment, index):
            fired += [moment.offset for one in step(plan, account, event) if one.rule.name == rule]
    return fired


def events_of(moment: Moment, index: int) -> Iterator[Event]:
    """Yield the events of one line, a second apart."""
    for repetition in range(moment.times):
        time = START + moment.offset + repetition * 1000
        identity = hashlib.sha256(f"{index}/{repetition}".encode()).hexdigest()[:32]
        properties = {key: _numbered(value, repetition + 1) for key, value in moment.properties.items()}
        payload = msgspec.Raw(msgspec.json.encode(properties))
        traits = moment.type == "traits"
        yield Event(
            id=identity,
            type="group" if traits else moment.type,  # type: ignore[arg-type] # a timeline knows track, page, screen
            received=time,
            time=time,
            own=time,
            name="" if traits else moment.name,
            account=ACCOUNT,
            user=moment.by,
            properties=payload,
            traits=payload if traits else msgspec.Raw(b"{}"),
        )


def _numbered(value: Any, repetition: int) -> Any:
    return value.replace("{n}", str(repetition)) if isinstance(value, str) else value


def _told(offsets: list[int], *, future: bool = False) -> str:
    if not offsets:
        return "stay silent" if future else "stayed silent"
    moments = ", ".join(map(spoken, offsets))
    return f"fire at {moments}" if future else f"fired at {moments}"
