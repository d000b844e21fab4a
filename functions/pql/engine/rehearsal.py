"""Rehearse the tests inside rule files: each timeline through the same step as live events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from pql.core.event import Event
from pql.core.keys import account_key, person_key
from pql.core.lead import About
from pql.core.window import MINUTE
from pql.engine.account import Account
from pql.engine.judge import Fired
from pql.engine.lesson import LESSON_OF, LESSONS
from pql.engine.plan import Plan
from pql.engine.step import step, wake, waking
from pql.rules.pack import Pack
from pql.rules.timeline import Moment, Timeline, spoken

# 2025-01-01T00:00:00Z: a timeline starts at midnight UTC, so that days in it are days of a window.
START = 1_735_689_600_000
ACCOUNT = "rehearsal"


class Scene(NamedTuple):
    """What one line of a timeline did, at an offset in ms; `line` is its index, or None for time alone.

    `fired` holds the rules that fired, `last` the newest event so far.
    """

    offset: int
    line: int | None
    fired: Sequence[Fired]
    last: Event | None


class Rehearsed(NamedTuple):
    """What a timeline expected and when the rule really fired, both as offsets in ms."""

    file: str
    name: str
    rule: str
    expected: list[int]
    fired: list[int]
    timeline: Timeline

    @property
    def passed(self) -> bool:
        """Return whether the rule did what the timeline expects."""
        return self.expected == self.fired

    @property
    def words(self) -> str:
        """Return in plain words whether it did."""
        if self.passed:
            return f"{self.rule} {_told(self.fired)}"
        return f"{self.rule} was expected to {_told(self.expected, future=True)}, but it {_told(self.fired)}"


def rehearse(plan: Plan, pack: Pack) -> Iterator[Rehearsed]:
    """Yield what came of every timeline of the pack, in file order."""
    for name, file in pack.files.items():
        for timeline in file.tests:
            rule = timeline.rule or next(iter(file.rules))
            judging = plan.judging(rule)
            fired = [
                scene.offset
                for scene in play(judging, subject_of(judging, timeline), timeline)
                for one in scene.fired
                if one.rule.name == rule
            ]
            yield Rehearsed(name, timeline.name, rule, timeline.expected() or [], fired, timeline)


def subject_of(plan: Plan, timeline: Timeline) -> Account:
    """Return whom a timeline is about, before anything is known of them."""
    return plan.account(account_key(ACCOUNT) if plan.subject == "account" else person_key(timeline.hero))


def play(plan: Plan, account: Account, timeline: Timeline) -> Iterator[Scene]:
    """Play a timeline to its subject, line by line in the order of time.

    It goes on until the last line or the last expected firing, whatever is later. Each expected moment
    has a scene of its own behind the lines of that moment; in it nothing happens.
    """
    last = None
    hero = timeline.hero
    moments: list[tuple[int, int | None, Moment | None]] = [
        (moment.offset, line, moment) for line, moment in enumerate(timeline.moments())
    ]
    moments += [(offset, None, None) for offset in timeline.expected() or []]
    for offset, line, moment in sorted(moments, key=lambda one: one[0]):
        rest = MINUTE - 1 if moment is None or moment.type == "nothing" else 0
        yield from _pass(plan, account, START + offset + rest, last)
        fired: list[Fired] = []
        for event in events_of(moment, line or 0, plan.subject) if moment else ():
            if plan.subject == "user" and event.user != hero:
                continue
            last = event
            fired += step(plan, account, event)
        yield Scene(offset, line, fired, last)


def _pass(plan: Plan, account: Account, until: int, last: Event | None) -> Iterator[Scene]:
    """Let time go on, and yield what it did.

    It is told by the minute: whoever writes `fires at 13d` means ten days after `3d`, not that the
    third of three events came two seconds later.
    """
    while (moment := waking(plan, account)) <= until:
        fired = wake(plan, account, moment)
        if fired:
            yield Scene((account.clock - START) // MINUTE * MINUTE, None, fired, last)


def events_of(moment: Moment, index: int, subject: About = "account") -> Iterator[Event]:
    """Yield the events of one line, a second apart."""
    for repetition in range(moment.times if moment.type != "nothing" else 0):
        time = START + moment.offset + repetition * 1000
        identity = hashlib.sha256(f"{index}/{repetition}".encode()).hexdigest()[:32]
        properties = {key: _numbered(value, repetition + 1) for key, value in moment.properties.items()}
        context = properties.pop("context") if isinstance(properties.get("context"), dict) else {}
        payload = msgspec.Raw(msgspec.json.encode(properties))
        kind = LESSON_OF[subject] if moment.type == "traits" else moment.type
        traits = kind in LESSONS
        yield Event(
            id=identity,
            type=kind,  # type: ignore[arg-type] # a timeline knows no other calls
            received=time,
            time=time,
            own=time,
            name="" if traits else moment.name,
            account=ACCOUNT if subject == "account" else None,
            user=moment.by,
            properties=payload,
            traits=payload if traits else msgspec.Raw(b"{}"),
            context=msgspec.Raw(msgspec.json.encode(context)),
        )


def _numbered(value: Any, repetition: int) -> Any:
    return value.replace("{n}", str(repetition)) if isinstance(value, str) else value


def _told(offsets: list[int], *, future: bool = False) -> str:
    if not offsets:
        return "stay silent" if future else "stayed silent"
    moments = ", ".join(map(spoken, offsets))
    return f"fire at {moments}" if future else f"fired at {moments}"
