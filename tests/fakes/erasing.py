"""Accounts, people and an archive to erase from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.memory_backlog import MemoryBacklog
from fakes.memory_holdings import MemoryHoldings
from fakes.people import followed, pack_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.archived import Line, named
from pql.core.envelope import encode
from pql.core.erasure import Whom
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.count import Counter
from pql.flows.erase import Erasure
from pql.flows.holdings import Receipt
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.flows.replay import Stored

ACCOUNTS = """
signals:
  reports: {count: Report Created}
  people: {distinct: users, of: any}
  each: {users_each: Report Created, times: 2}
  invited: {distinct: email, of: Report Created}
  newest: {latest: email, of: Report Created}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{newest} {reports}"}
"""
PEOPLE = """
subject: user
signals: {mine: {count: Report Created}}
rules: {keen: {when: {signal: mine, at_least: 2}, title: "{user}", reason: "{mine}"}}
"""
PLAN = Plan(pack_of(ACCOUNTS, PEOPLE))
MAIL = "ada@acme.example"
NOW = START + 2 * DAY
ADA = Whom(keys=frozenset({"u:ada"}), words=frozenset({"ada"}))
# Ada was a visitor, then herself, then of acme; Bob is of acme, too.
STORY = [
    event("visit", account=None, user=None, anonymous="phone"),
    identify("who", at=HOUR, anonymous="phone", name="Ada Lovelace", email=MAIL),
    event("alone", at=2 * HOUR, account=None),
    group("joins", at=3 * HOUR),
    event("hers", at=4 * HOUR, account=None, properties={"email": MAIL}),
    event("named", at=5 * HOUR),
    event("his", at=6 * HOUR, user="bob", properties={"email": "bob@acme.example"}),
]
DEVICES = [event("device", at=7 * HOUR, account=None, user=None, anonymous="phone")]


class World:
    """What has been counted, and a command that erases from it."""

    def __init__(self, story: Sequence[Event] = (*STORY, *DEVICES)) -> None:
        self.store = MemoryStore()
        self.archive = MemoryArchive()
        self.backlog = MemoryBacklog()
        self.batches = 0
        for one in story:
            self.count(one)

    def count(self, *events: Event, store: Any = None) -> Outcome:
        """Process events as one message."""
        store = store or self.store
        counter = Counter(store, PLAN, 45, lambda _: None)
        processor = Processor(
            store, counter, self.archive, MemoryQuarantine(), horizon=7 * DAY, pause=lambda _: None
        )
        self.batches += 1
        return processor.process([("m", encode(list(events)))], f"b{self.batches}", NOW, lambda: 60.0)

    def erase(self, whom: Whom = ADA, holdings: Any = None, *, write: bool = True) -> Receipt:
        """Erase from the table and from the archive."""
        erasure = Erasure(
            holdings or MemoryHoldings(self.store), whom, NOW, 45, write=write, pause=lambda _: None
        )
        receipt, known = erasure.table(self.backlog)
        erasure.archive(_Pages(self.archive), known, receipt)
        erasure.finish(known, receipt)
        return receipt

    def values(self, subject: str = "a:acme") -> Sequence[Any]:
        """Return the signals of a subject."""
        row = self.store.accounts[subject]
        return unpack(PLAN.of(subject), subject, row.state).values

    def told(self) -> str:
        """Return everything that is stored, as text: the ids of accounts and people too."""
        rows = {key: unpack(PLAN.of(key), key, row.state) for key, row in self.store.accounts.items()}
        people = {key: (followed(account), account.values, account.traits) for key, account in rows.items()}
        hashes = {
            key: [
                getattr(held, "members", None) or getattr(held, "counts", None) for held in account.aggregates
            ]
            for key, account in rows.items()
        }
        known = {key: (one.account, one.user, one.name, one.email) for key, one in self.store.people.items()}
        lines = [
            (subject, msgspec.json.encode(one))
            for held in self.archive.batches.values()
            for subject, one in held
        ]
        leads = [record.lead for record in self.store.leads.values()]
        return repr((people, hashes, known, lines, leads))


class _Pages:
    """The archive in memory, as something to erase from: a batch is an object."""

    def __init__(self, archive: MemoryArchive) -> None:
        self._archive = archive

    def stored(self) -> Any:
        batches = [*self._archive.batches]
        return [Stored(batch, "2025-01-01", named(int(batch[1:]), batch)) for batch in batches]

    def lines(self, key: str) -> Sequence[Line]:
        return [Line(subject, event) for subject, event in self._archive.batches[key]]

    def keep(self, key: str, lines: Sequence[Line]) -> None:
        self._archive.batches[key] = [(line.subject, line.event) for line in lines]
        if not lines:
            del self._archive.batches[key]
