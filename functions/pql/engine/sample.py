"""Rules on a sample of events: which accounts qualify under which, and whether any two say the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pql.core.canonical import Arrival, canonical
from pql.core.errors import Refused
from pql.core.event import Event
from pql.core.keys import account_key, anonymous_key, person_key, user_key, visitor_key
from pql.core.places import finder
from pql.core.times import moment
from pql.engine.account import Account
from pql.engine.lesson import LESSONS
from pql.engine.merge import merge
from pql.engine.plan import Plan
from pql.engine.step import step
from pql.rules.lint import Finding, finding
from pql.rules.names import folded
from pql.rules.pack import Pack
from pql.rules.source import Source

OVERLAP = 0.9
# Of fewer accounts two rules may have the same by chance.
FEWEST = 5
_CLOCKS = ("receivedAt", "sentAt", "timestamp", "originalTimestamp")


class Sample:
    """What a sample of events, one JSON object a line as SDKs send them, says about a pack.

    Lines are taken one by one, in the order of the file, through the same reader as at the front door
    and the same step as live events; drafts count like all other rules. `names` are the events there
    are, by type and folded name; `unread` counts the lines that are no events.
    """

    def __init__(self, pack: Pack, lines: Iterable[bytes]) -> None:
        self.names: dict[str, dict[str, str]] = {}
        self.unread = 0
        self.qualified: dict[str, set[str]] = {
            name: set() for file in pack.files.values() for name in file.rules
        }
        self._files = {name: file_name for file_name, file in pack.files.items() for name in file.rules}
        self._plan = Plan(pack.rehearsed())
        self._accounts: dict[str, Account] = {}
        self._members: dict[str, str] = {}
        self._people: dict[str, str] = {}
        self._seen: set[tuple[str, str]] = set()
        self._clock = 0
        account_of = finder()
        for index, line in enumerate(lines):
            if line.strip():
                self._take(line, index, account_of)

    def overlaps(self, sources: Mapping[str, Source]) -> Iterator[Finding]:
        """Yield the rules under which more than nine of ten accounts are those of an earlier rule."""
        for one, other in itertools.combinations(self.qualified, 2):
            either = self.qualified[one] | self.qualified[other]
            both = self.qualified[one] & self.qualified[other]
            if len(either) >= FEWEST and len(both) > OVERLAP * len(either):
                words = (
                    f"of {len(either)} accounts in the sample that qualify under `{one}` or `{other}` "
                    f"{len(both)} ({100 * len(both) // len(either)} %) qualify under both"
                )
                source = sources[self._files[other]]
                yield finding(source, ("rules", other), "overlap", words, key=True)

    def _take(self, line: bytes, index: int, account_of: Any) -> None:
        try:
            item = msgspec.json.decode(line)
            said = (moment(item.get(clock)) for clock in _CLOCKS) if isinstance(item, dict) else ()
            self._clock = next((one for one in said if one is not None and one >= 0), self._clock)
            event = canonical(item, index, Arrival(self._clock, "sample", "sample", account_of)).event
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Refused):
            self.unread += 1
            return
        if event.name:
            self.names.setdefault(event.type, {}).setdefault(folded(event.name), event.name)
        self._count(event)

    def _count(self, event: Event) -> None:
        self._count_for(self._subject(event), event)
        people = self._plan.people
        if people is None or not (event.user or event.anonymous):
            return
        person = self._person(event)
        if people.concerns(event):
            self._count_for(person, event)

    def _count_for(self, subject: str, event: Event) -> None:
        if (subject, event.id) in self._seen:
            return
        self._seen.add((subject, event.id))
        for fired in step(self._plan.of(subject), self._account(subject), event):
            self.qualified[fired.rule.name].add(subject)

    def _account(self, subject: str) -> Account:
        if subject not in self._accounts:
            self._accounts[subject] = self._plan.of(subject).account(subject)
        return self._accounts[subject]

    def _subject(self, event: Event) -> str:
        """Return who the event is counted for: its account, else the one last known of its user."""
        actor = user_key(event.user) if event.user else anonymous_key(event.anonymous or "")
        if event.account is None:
            return self._members.get(actor, actor)
        subject = account_key(event.account)
        if event.type in LESSONS:
            self._members[actor] = subject
        return subject

    def _person(self, event: Event) -> str:
        """Return which person the event is counted for: its user, else who its device is known to be."""
        device = event.anonymous or ""
        if not event.user:
            return self._people.get(device, visitor_key(device))
        person = person_key(event.user)
        if device and event.type == "identify":
            self._people[device] = person
            visitor = self._accounts.pop(visitor_key(device), None)
            if visitor is not None:
                for fired in merge(self._plan.of(person), self._account(person), visitor, event):
                    self.qualified[fired.rule.name].add(person)
        return person
