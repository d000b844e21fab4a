"""A soak: many events through every function, with faults at random: `python tests/soak.py --events 1000000`.

Clients send again, phones come late, queues shuffle, calls break, streams are lost and read twice, the
chat is down for hours, ids expire. At the end every number is known: it is compared, and the command
fails if anything is lost or doubled. The same seed is the same soak.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))
sys.path.insert(0, str(Path(__file__).parent))

import msgspec

from fakes.events import DAY, START, event, group, identify
from fakes.people import pack_of
from fire.faults import Storm
from fire.town import Town
from pql.core.event import Event
from pql.core.keys import account_key, person_key, user_key
from pql.engine.plan import Plan
from pql.engine.state import unpack

PLAN = Plan(
    pack_of(
        """
signals: {reports: {count: Report Created}}
rules:
  ten: {when: {signal: reports, at_least: 10}, title: "{account}", reason: "{reports}"}
  hundred: {when: {signal: reports, at_least: 100}, title: "{account}", reason: "{reports}"}
""",
        """
subject: user
signals: {mine: {count: Report Created}}
rules: {keen: {when: {signal: mine, at_least: 20}, title: "{user}", reason: "{mine}"}}
""",
    )
)
THRESHOLDS = {"ten": 10, "hundred": 100, "keen": 20}
SPAN = 120 * DAY
EVENTS_AN_ACCOUNT = 400
USERS = 4
REMEMBERED = 3_000


class Soak:
    """A town, those who send to it, and what it must come to."""

    def __init__(self, events: int, seed: int, one_in: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a workload
        self.events = events
        self.storm = Storm(random.Random(seed + 1), one_in)  # noqa: S311 - same
        self.town = Town(PLAN, self.storm)
        self.accounts = max(1, events // EVENTS_AN_ACCOUNT)
        self.expected: Counter[str] = Counter()
        self.late = self.copies = self.lessons = 0
        self.recent: deque[Event] = deque(maxlen=REMEMBERED)
        self.old: list[Event] = []

    def run(self) -> dict[str, int]:
        """Send everything and return what is wrong, by name: all of it is 0."""
        made, begun = 0, time.perf_counter()
        while made < self.events:
            size = min(self.chance.choice((1, 2, 5, 20, 50)), self.events - made)
            self.town.send(*self._message(range(made, made + size)))
            made += size
            if len(self.town.events.waiting) > 20 or self.chance.random() < 0.1:
                self._work()
            if made * 20 // self.events != (made - size) * 20 // self.events:
                self._report(made, begun)
        self._teach_everybody()
        self.storm.rests = self.town.chat_is_up = True
        self.town.settle(10_000)
        self._report(made, begun)
        return self._faults()

    def _message(self, numbers: range) -> list[Event]:
        town, chance = self.town, self.chance
        town.now += SPAN * len(numbers) // self.events
        found = []
        for number in numbers:
            # Events come in sessions, and a few accounts are hot.
            if not found or chance.random() < 0.15:
                account = int(self.accounts * chance.random() ** 3)
            found.append(self._event(number, account))
            if chance.random() < 0.1:
                found.append(self._copy())
            if chance.random() < 0.02:
                found.append(self._lesson(chance.randrange(self.accounts), chance.randrange(USERS)))
        return found

    def _event(self, number: int, account: int) -> Event:
        chance, town = self.chance, self.town
        user = f"u{account}.{chance.randrange(USERS)}"
        how = chance.random()
        late = chance.random() < 0.01
        age = chance.randrange(8 * DAY, 60 * DAY) if late else int(chance.expovariate(1) * DAY / 4)
        age = age if late else min(age, 6 * DAY)
        made = event(
            number,
            at=town.now - START - age,
            received=town.now - START,
            account=f"a{account}" if how < 0.7 else None,
            user=user if how < 0.9 else None,
            anonymous=f"d{user}" if how >= 0.85 else None,
        )
        if late:
            self.late += 1
        else:
            self.expected[account_key(f"a{account}")] += 1
            self.expected[person_key(user)] += 1
        self.recent.append(made)
        if chance.random() < 0.001:
            self.old = [*self.old[-500:], made]
        return made

    def _copy(self) -> Event:
        """Return what was sent before, as its sender sends it again."""
        self.copies += 1
        past = self.old if self.old and self.chance.random() < 0.05 else self.recent
        return _received(self.chance.choice(past), self.town.now)

    def _lesson(self, account: int, number: int) -> Event:
        self.lessons += 1
        key, at = ("lesson", self.lessons), self.town.now - START
        user = f"u{account}.{number}"
        if self.chance.random() < 0.5:
            return group(key, f"a{account}", user, at)
        return identify(key, user, at, anonymous=f"d{user}")

    def _teach_everybody(self) -> None:
        at = self.town.now - START
        for account in range(self.accounts):
            users = [f"u{account}.{number}" for number in range(USERS)]
            self.town.send(
                *(group((one, "group"), f"a{account}", one, at) for one in users),
                *(identify((one, "identify"), one, at, anonymous=f"d{one}") for one in users),
            )
            if len(self.town.events.waiting) > 20:
                self._work()

    def _work(self) -> None:
        """Let every function work, until the queue is short."""
        town, chance = self.town, self.chance
        # What nobody hands out again is as good as in a queue that hands it out late.
        while len(town.events.waiting) > 10:
            for letter in town.events.waiting.values():
                letter.visible = 0
            town.events.redrive()
            town.process(10, chance)
        what = chance.random()
        if what < 0.005:
            town.lose_stream()
        elif what < 0.02:
            town.replay_stream(5)
        if chance.random() < 0.02:
            town.chat_is_up = not town.chat_is_up
        town.relay()
        town.letters.redrive()
        town.deliver(10, chance)
        if chance.random() < 0.02:
            town.sweep()
            town.table.expire(town.now)
        town.archive.batches.clear()

    def _report(self, made: int, begun: float) -> None:
        took = time.perf_counter() - begun
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        _say(
            f"{made:>9,} events  {took:6.0f} s  {made / took:7,.0f} events/s  {self.storm.calls:>9,} calls,"
            f" {self.storm.broken:>7,} broken  {len(self.town.table.leads):>6,} leads  {megabytes:>5,} MB"
        )

    def _faults(self) -> dict[str, int]:
        town = self.town
        held: Counter[str] = Counter()
        for subject, row in town.table.accounts.items():
            held[subject] = unpack(PLAN.of(subject), subject, row.state).values[0] or 0
        keys = held.keys() | self.expected.keys()
        leads = town.table.leads
        return {
            "lost events": sum(max(0, self.expected[key] - held[key]) for key in keys),
            "doubled events": sum(max(0, held[key] - self.expected[key]) for key in keys),
            "lost leads": sum(not self._is_led(key, rule) for key, rule in self._deserved()),
            "double leads": sum(key.cycle > 1 for key in leads),
            "leads not announced": sum(not town.told[one.lead.id] for one in leads.values()),
            "double announcements": sum(told - 1 for told in town.told.values()),
            "messages set aside": len(town.quarantine.kept),
        }

    def _deserved(self) -> list[tuple[str, str]]:
        """Return who must have been a lead by which rule."""
        return [
            (key, rule)
            for key, count in self.expected.items()
            for rule, least in THRESHOLDS.items()
            if count >= least and key.startswith("p:") == (rule == "keen")
        ]

    def _is_led(self, key: str, rule: str) -> bool:
        """Return whether an account or person, or somebody of it before it was known, became a lead."""
        family = [key]
        if key.startswith("a:"):
            family += [user_key(f"u{key[3:]}.{number}") for number in range(USERS)]
        return any((one, rule, 1) in self.town.table.leads for one in family)


def _received(one: Event, now: int) -> Event:
    return msgspec.structs.replace(one, received=now)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command prints


def main(arguments: list[str]) -> int:
    """Run a soak and return how many of its figures are not 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one-in", type=int, default=50, help="one call in so many goes wrong")
    chosen: Any = parser.parse_args(arguments)
    soak = Soak(chosen.events, chosen.seed, chosen.one_in)
    faults = soak.run()
    _say(f"{soak.copies:,} copies, {soak.late:,} late, {soak.lessons:,} lessons, {soak.accounts:,} accounts")
    for name, number in faults.items():
        _say(f"{name}: {number}")
    return sum(map(bool, faults.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
