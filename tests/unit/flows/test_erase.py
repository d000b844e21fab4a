"""Erasing: nothing of a person is left, old events count nothing again, and others keep what they did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from fakes.crashing_store import Killed
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.interrupted_store import InterruptedStore
from fakes.leads import northwind
from fakes.memory_backlog import MemoryBacklog
from fakes.memory_holdings import MemoryHoldings
from fakes.memory_mailbox import MemoryMailbox
from fakes.people import followed, pack_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.announcement import announcement
from pql.core.archived import Line
from pql.core.envelope import decode, encode
from pql.core.erasure import Whom, scrubbed
from pql.core.errors import Conflict, Unavailable
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.core.lead import Person
from pql.core.lead_message import decode as decode_lead
from pql.core.lead_message import encoded
from pql.core.member import Member
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.channels import Waiting
from pql.flows.count import Counter
from pql.flows.erase import Erasure
from pql.flows.holdings import Receipt
from pql.flows.mailbox import Letter
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
        return [Stored(batch, "2025-01-01", batch) for batch in [*self._archive.batches]]

    def lines(self, key: str) -> Sequence[Line]:
        return [Line(subject, event) for subject, event in self._archive.batches[key]]

    def keep(self, key: str, lines: Sequence[Line]) -> None:
        self._archive.batches[key] = [(line.subject, line.event) for line in lines]
        if not lines:
            del self._archive.batches[key]


@pytest.fixture
def world() -> World:
    """Return a world in which Ada and Bob have worked."""
    return World()


def test_fault_105_nothing_tells_of_a_person_any_more(world: World) -> None:
    """Neither their id, nor their name, nor their address, nor their device; wherever it had been."""
    before = world.told()
    receipt = world.erase()
    after = world.told()

    assert all(word in before for word in ("Ada Lovelace", MAIL, "'ada'", "phone"))
    assert [] == [word for word in ("Ada Lovelace", MAIL, "'ada'", '"ada"', "u:ada'}") if word in after]
    assert set() == {key.subject for key in world.store.leads} & {"u:ada", "p:ada", "n:phone", "v:phone"}
    assert {"2025-01-01": len(STORY) + len(DEVICES) - 1} == receipt.days


def test_what_others_did_stays_counted(world: World) -> None:
    """An account keeps how often something was done; who did it is one person fewer."""
    reports, people, *_ = world.values()
    world.erase()

    assert (6, 3) == (reports, people)
    assert [6, 1, 0, 1, "bob@acme.example"] == list(world.values()[:5])
    assert {"bob"} == set(unpack(PLAN, "a:acme", world.store.accounts["a:acme"].state).people)


def test_fault_105_an_old_event_that_comes_again_counts_nothing(world: World) -> None:
    """Not under the account, nor under the person or device, nor does an old call teach anything."""
    world.erase()
    before = world.told()
    outcome = world.count(*STORY, *DEVICES)
    world.archive.batches.popitem()

    assert 0 == outcome.counts["EventsCounted"] + outcome.counts["EventsCountedForPeople"]
    assert before == world.told()


def test_who_comes_back_begins_anew(world: World) -> None:
    """A later call teaches again, and nothing of the past is known."""
    world.erase()
    world.count(group("back", at=3 * DAY, received=3 * DAY), event("new", at=3 * DAY + 1, account=None))

    assert "acme" == world.store.people["u:ada"].account
    assert (7, 2) == tuple(world.values()[:2])


def test_looking_writes_nothing(world: World) -> None:
    """The receipt of what would be erased is that of what is, and the table is as it was."""
    before = world.told()
    would = world.erase(write=False)
    unchanged = world.told()
    did = world.erase()

    assert before == unchanged
    assert (would.erased, would.days) == (did.erased, did.days)


def test_a_second_run_finds_nothing(world: World) -> None:
    """What is erased is not erased again: no write, and an empty receipt."""
    world.erase()
    rows, members = dict(world.store.accounts), dict(world.store.people)
    receipt = world.erase()

    assert {} == {name: number for name, number in receipt.erased.items() if number}
    assert (rows, members) == (world.store.accounts, world.store.people)


class _Interrupted:
    """Holdings that call somebody before the write of a given number."""

    WRITES = ("put_member", "blank", "rewrite", "delete_lead", "rewrite_lead")

    def __init__(self, holdings: MemoryHoldings, at: int, job: Callable[[Callable[[], None]], None]) -> None:
        self.holdings = holdings
        self.at = at
        self.job = job
        self.writes = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.holdings, name)
        if name not in self.WRITES:
            return method

        def call(*args: Any) -> Any:
            self.writes += 1
            if self.writes - 1 != self.at:
                return method(*args)
            return self.job(lambda: method(*args))

        return call


def _killed_before(_: Callable[[], None]) -> None:
    raise Killed


def _killed_after(write: Callable[[], None]) -> None:
    write()
    raise Killed


def _answer_lost(write: Callable[[], None]) -> None:
    write()
    raise Conflict("lost")


@pytest.mark.parametrize("way", [_killed_before, _killed_after, _answer_lost])
def test_fault_105_a_crash_at_any_write_and_another_run_end_the_same(
    way: Callable[[Callable[[], None]], None],
) -> None:
    """Whatever was done before, the next run finds all that is left to do."""
    whole = World()
    whole.erase()
    expected = whole.told()
    crashes = 0
    while True:
        world = World()
        holdings = MemoryHoldings(world.store)
        broken = _Interrupted(holdings, crashes, way)
        with suppress(Killed):
            world.erase(holdings=broken)
        if broken.writes <= crashes:
            break
        world.erase(holdings=holdings)
        outcome = world.count(*STORY, *DEVICES)
        world.archive.batches.popitem()

        assert expected == world.told()
        assert 0 == outcome.counts["EventsCounted"] + outcome.counts["EventsCountedForPeople"]
        crashes += 1
    assert crashes > 8


def test_fault_067_a_worker_in_between_loses_nothing_and_doubles_nothing() -> None:
    """Before any write somebody counts an event of Bob, and one of Ada: both count once, hers anew."""
    for at in range(9):
        world = World()
        late = [
            event(f"bob {at}", at=8 * HOUR, user="bob", account=None),
            event(f"ada {at}", at=8 * HOUR, account=None),
        ]

        def work(write: Callable[[], None], world: World = world, late: list[Event] = late) -> None:
            world.count(*late)
            write()

        world.erase(holdings=_Interrupted(MemoryHoldings(world.store), at, work))
        again = world.count(*late)
        world.erase()

        assert 0 == again.counts["EventsCounted"]
        assert "Ada" not in world.told()
        assert "'ada'" not in world.told()
        assert {"bob"} == set(unpack(PLAN, "a:acme", world.store.accounts["a:acme"].state).people)


def test_an_account_is_erased_and_its_people_stay(world: World) -> None:
    """Its counters, leads and events go; who they are is theirs, and where they belong is forgotten."""
    world.erase(Whom(accounts=frozenset({"a:acme"})))

    assert b"" == world.store.accounts["a:acme"].state
    assert "a:acme" not in {key.subject for key in world.store.leads}
    assert (None, "Ada Lovelace") == (world.store.people["u:ada"].account, world.store.people["u:ada"].name)
    assert {("row", "a:acme"): NOW // 1_000 + 45 * 86_400} == world.store.ends
    assert {"u:ada", "n:phone"} == {line[0] for held in world.archive.batches.values() for line in held}
    assert 0 == world.count(*STORY, *DEVICES).counts["EventsCounted"]


def test_deliveries_that_wait_are_crossed_out(world: World) -> None:
    """A lead that is gone is not told."""
    world.backlog.add("slack", Waiting(START, LeadKey("p:ada", "keen", 1), "is_archived", parked=True))
    world.backlog.add("slack", Waiting(START, LeadKey("a:acme", "busy", 1), "is_archived", parked=True))
    world.erase(write=False)
    looked = len(world.backlog.every())
    world.erase()

    assert (2, ["a:acme"]) == (looked, [one.key.subject for _, one in world.backlog.every()])


def test_dead_letters_lose_the_events_of_a_person(world: World) -> None:
    """The other events of a message stay, a message of theirs alone goes, one nobody reads is told of."""
    mailbox = MemoryMailbox()
    bob = event("left", user="bob")
    mailbox.put(
        encode([event("gone"), bob]), encode([event("too")]), "{broken", "{broken by ada@acme.example"
    )
    holdings = MemoryHoldings(world.store)
    erasure = Erasure(holdings, ADA, NOW, 45, write=True, pause=lambda _: None)
    receipt, whom = erasure.table(world.backlog)
    erasure.events(mailbox, "letters", whom, receipt)

    assert [["left"], "{broken"] == [
        body if body.startswith("{b") else ["left" for one in decode(body) if one.id == bob.id]
        for body in sorted(mailbox.bodies(), key=lambda body: body.startswith("{b"))
    ]
    assert (3, 1) == (receipt.erased["letters"], len(receipt.unread))
    assert (2, 0, 0) == mailbox.depth()


def test_a_crash_leaves_what_others_did_rather_twice_than_never(world: World) -> None:
    """What is left of a message is sent before the message is deleted."""

    class Broken(MemoryMailbox):
        def send(self, letter: Letter) -> None:
            if letter.id:
                raise Unavailable("gone")
            super().send(letter)

    mailbox = Broken()
    mailbox.put(encode([event("gone"), event("left", user="bob")]))
    erasure = Erasure(MemoryHoldings(world.store), ADA, NOW, 45, write=True, pause=lambda _: None)
    with pytest.raises(Unavailable):
        erasure.events(mailbox, "letters", ADA, Receipt(NOW, 0))

    assert 1 == len(mailbox.bodies())


def test_dead_letters_about_leads_lose_the_person(world: World) -> None:
    """One of an account is told without them, one of theirs not at all."""
    mailbox = MemoryMailbox()
    for key, record in sorted(world.store.leads.items()):
        mailbox.put(encoded(announcement(record.lead, key)).decode())
    erasure = Erasure(MemoryHoldings(world.store), ADA, NOW, 45, write=True, pause=lambda _: None)
    receipt, whom = erasure.table(world.backlog)
    erasure.leads(mailbox, "letters", whom, receipt)

    (message,) = map(decode_lead, mailbox.bodies())
    assert ("a:acme", []) == (message.subject_key, [one.id for one in message.people if one.id == "ada"])


def test_fault_067_a_worker_who_is_overtaken_starts_over() -> None:
    """It has placed an event by a member that is erased before it writes, and a copy has been counted since.

    The account's row says nothing of the person, so that only the member's transaction can stop the worker.
    """
    hers = event("hers", account=None)
    calls = 0
    while True:
        world = World([event("his", user="bob")])
        world.store.people["u:ada"] = Member(1, "acme", START)

        def overtake(world: World = world) -> None:
            world.erase()
            world.count(hers)

        broken = InterruptedStore(world.store, {calls: overtake})
        world.count(hers, store=broken)
        if broken.jobs:
            break

        counted = [
            world.values(subject)[0] for subject in world.store.accounts if subject[:2] in ("a:", "u:")
        ]
        assert 2 == sum(counted)
        calls += 1
    assert calls > 3


def test_an_id_that_is_a_word_is_no_reason_to_change_others() -> None:
    """Of a user called `demo`, leads of others that say so keep their words; a full name goes everywhere."""
    demo = Whom(frozenset({"u:demo"}), words=frozenset({"demo", "Dee Mo"}))
    others = northwind(title="A demo for Dee Mo", traits={"stage": "demo"})
    own = northwind(title="A demo", people=[Person("demo", 1, START)])

    assert ("A demo for [erased]", {"stage": "demo"}) == (
        scrubbed(others, demo).title,
        scrubbed(others, demo).traits,
    )
    assert ("A [erased]", []) == (scrubbed(own, demo).title, scrubbed(own, demo).people)


def test_whose_leads_are_also_those_of_an_account_is_forgotten(world: World) -> None:
    """On either side: who is erased is named by no account, and an account that is erased names nobody."""
    world.store.folded["a:acme"] = {"u:ada", "u:bob"}
    would = world.erase(write=False)
    before = {into: {*origins} for into, origins in world.store.folded.items()}
    receipt = world.erase()

    assert (1, {"a:acme": {"u:ada", "u:bob"}}) == (would.erased["origins"], before)
    assert (1, {"a:acme": {"u:bob"}}) == (receipt.erased["origins"], world.store.folded)
