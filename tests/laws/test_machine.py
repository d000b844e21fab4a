"""Anything in any order, against a reference: Hypothesis looks for the story that breaks the promise."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.people import pack_of
from fire.faults import WAYS, BreaksOne, Way
from fire.town import Town
from pql.core.event import Event
from pql.core.keys import is_person
from pql.engine.plan import Plan
from pql.engine.state import unpack

ACCOUNTS = """
signals: {reports: {count: Report Created}, idle: {days_since: Report Created}%s}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}
  quiet: {when: {all: [{signal: idle, at_least: 14}, {signal: reports, at_least: 1}]}, title: t, reason: r}%s
"""
PEOPLE = """
subject: user
signals: {mine: {count: Report Created}}
rules: {keen: {when: {signal: mine, at_least: 3}, title: "{user}", reason: "{mine}"}}
"""
MORE = (
    ", people: {distinct: users, of: any}",
    "\n  team: {when: {signal: people, at_least: 2}, title: t, reason: r}",
)
PLANS = (
    Plan(pack_of(ACCOUNTS % ("", ""), PEOPLE)),
    Plan(pack_of(ACCOUNTS % MORE, PEOPLE)),
)
HOMES = {"ada": "acme", "bob": "acme", "cyd": "globex"}
DWELL = 28 * DAY
LATENESS = 7 * DAY
HARD = os.environ.get("PQL_MACHINE") == "hard"


class Machine(RuleBasedStateMachine):
    """A town, and what is known of everything that was sent to it."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town(PLANS[0])
        self.sent: list[Event] = []
        self.accounts: Counter[str] = Counter()
        self.people: Counter[str] = Counter()
        self.made = self.lessons = 0

    @initialize(flood=st.integers(0, 1))
    def flood(self, flood: int) -> None:
        """Begin with an account whose ids have left its row already, or with nothing."""
        if flood:
            self._send([self._made("ada", "account", 0) for _ in range(90)])

    @rule(
        user=st.sampled_from(sorted(HOMES)),
        by=st.sampled_from(["account", "user", "device"]),
        age=st.sampled_from([0, HOUR, 6 * DAY, 8 * DAY]),
        count=st.integers(1, 3),
    )
    def send(self, user: str, by: str, age: int, count: int) -> None:
        """Somebody does something, and a phone may tell it later."""
        self._send([self._made(user, by, age) for _ in range(count)])

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def resend(self, data: st.DataObject) -> None:
        """A client sends again what it sent before, however long ago."""
        one = data.draw(st.sampled_from(self.sent))
        self.town.send(msgspec.structs.replace(one, received=self.town.now))

    @rule(user=st.sampled_from(sorted(HOMES)), device=st.booleans())
    def teach(self, user: str, device: bool) -> None:  # noqa: FBT001 - drawn
        """A call tells where somebody belongs, or whose a device is."""
        self.town.send(self._lesson(user, device=device))

    @rule()
    def process(self) -> None:
        """The queue hands out a batch."""
        self.town.process()

    @rule()
    def relay(self) -> None:
        """The stream hands out a batch."""
        self.town.relay()

    @rule()
    def deliver(self) -> None:
        """The queue of the chat hands out a batch."""
        self.town.deliver()

    @rule()
    def sweep(self) -> None:
        """The schedule comes round."""
        self.town.sweep()

    @rule(after=st.integers(0, 40), way=st.sampled_from(WAYS))
    def break_a_call(self, after: int, way: Way) -> None:
        """Every function works once, and one of their calls goes wrong, or one of the next."""
        self.town.faults = BreaksOne(after, way)
        self.town.round()

    @rule(span=st.sampled_from([HOUR, DAY, 5 * DAY, 20 * DAY]))
    def advance(self, span: int) -> None:
        """Time passes; nothing waits longer than it may."""
        oldest = min((one.sent for one in self.town.events.waiting.values()), default=self.town.now)
        if self.town.now + span > oldest + DWELL:
            self.town.chat_is_up = True
            self.town.settle()
        self.town.now += span

    @rule()
    def expire(self) -> None:
        """The table deletes what is over."""
        self.town.table.expire(self.town.now)

    @rule()
    def redrive(self) -> None:
        """Somebody puts the dead letters back."""
        self.town.events.redrive()

    @rule(back=st.integers(1, 5))
    def replay_stream(self, back: int) -> None:
        """The stream is read once more."""
        self.town.replay_stream(back)

    @rule()
    def lose_stream(self) -> None:
        """The stream is lost."""
        self.town.lose_stream()

    @rule(number=st.integers(0, 1))
    def reload_rules(self, number: int) -> None:
        """A deployment brings other rules."""
        self.town.plan = PLANS[number]

    @rule(up=st.booleans())
    def chat(self, up: bool) -> None:  # noqa: FBT001 - drawn
        """The chat goes down, or comes back."""
        self.town.chat_is_up = up

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        """At no moment is more counted than was sent, nor more told than was made."""
        counted = self._counted()
        assert sum(self.accounts.values()) >= sum(n for key, n in counted.items() if not is_person(key))
        assert sum(self.people.values()) >= sum(n for key, n in counted.items() if is_person(key))
        assert all(told == 1 for told in self.town.told.values())

    def teardown(self) -> None:
        """Teach the rest, let everything come to its end, and compare."""
        town = self.town
        for user in HOMES:
            town.send(self._lesson(user, device=False), self._lesson(user, device=True))
        town.chat_is_up = True
        town.settle()
        counted = {key: number for key, number in self._counted().items() if number}
        expected = {f"a:{key}": number for key, number in self.accounts.items()}
        expected |= {f"p:{key}": number for key, number in self.people.items()}
        assert expected == counted
        leads = town.table.leads
        assert all(one.published for one in leads.values())
        assert {one.lead.id: 1 for one in leads.values()} == dict(town.told)
        assert {key.cycle for key in leads if key.rule in ("busy", "keen")} <= {1}
        for user, number in self.people.items():
            family = {f"p:{user}", f"v:d-{user}"}
            assert number < 3 or any((one, "keen", 1) in leads for one in family)
        for account, number in self.accounts.items():
            family = {f"a:{account}", *(f"u:{user}" for user, home in HOMES.items() if home == account)}
            family |= {f"n:d-{user}" for user, home in HOMES.items() if home == account}
            assert number < 3 or any((one, "busy", 1) in leads for one in family)

    def _send(self, events: list[Event]) -> None:
        self.sent += events
        self.town.send(*events)

    def _made(self, user: str, by: str, age: int) -> Event:
        now = self.town.now - START
        who: dict[str, Any] = {
            "account": {"account": HOMES[user], "user": user},
            "user": {"account": None, "user": user},
            "device": {"account": None, "user": None, "anonymous": f"d-{user}"},
        }[by]
        if age <= LATENESS:
            self.accounts[HOMES[user]] += 1
            self.people[user] += 1
        self.made += 1
        return event(self.made, at=now - age, received=now, **who)

    def _lesson(self, user: str, *, device: bool) -> Event:
        self.lessons += 1
        at = self.town.now - START
        if device:
            return identify(("lesson", self.lessons), user, at, anonymous=f"d-{user}")
        return group(("lesson", self.lessons), HOMES[user], user, at)

    def _counted(self) -> dict[str, float]:
        plan = self.town.plan
        return {
            subject: unpack(plan.of(subject), subject, row.state).values[0] or 0
            for subject, row in self.town.table.accounts.items()
        }


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=2_000 if HARD else 40, stateful_step_count=60 if HARD else 30, deadline=None
)
