"""Processing: every event of every message is counted once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import chances, examples
from fakes.crashing_store import WAYS, CrashingLeads, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.histories import histories
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Row
from pql.core.envelope import encode
from pql.core.errors import Conflict, Unavailable, Unwritable
from pql.core.event import Event
from pql.core.lead import Lead, LeadRecord
from pql.engine.state import unpack
from pql.flows import count
from pql.flows.convert import Converter
from pql.flows.count import ITEM_OVERHEAD, Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.flows.revision import LEADS_LIMIT
from pql.flows.sight import COMMIT_LIMIT, Placed, look, works
from pql.flows.tries import TRIES

PLAN = plan_of(
    """
signals:
  reports: {count: Report Created}
  people: {distinct: users, of: any}
rules:
  busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}
"""
)
PLENTY = 60.0


class World:
    """A processor over memory."""

    def __init__(self, store: Any = None, archive: Any = None, quarantine: Any = None) -> None:
        self.memory = store.store if isinstance(store, CrashingStore) else store or MemoryStore()
        self.archive = archive or MemoryArchive()
        self.quarantine = quarantine or MemoryQuarantine()
        self.batches = 0
        store = store or self.memory
        counter = Counter(store, PLAN, 45, lambda _: None)
        leads = CrashingLeads(store) if isinstance(store, CrashingStore) else MemoryLeads(self.memory.leads)
        self.processor = Processor(
            store,
            counter,
            self.archive,
            self.quarantine,
            horizon=7 * DAY,
            pause=lambda _: None,
            converter=Converter(leads, {"ordercompleted"}),
        )

    def run(self, *batch: Sequence[Event] | str, remaining: Callable[[], float] = lambda: PLENTY) -> Outcome:
        """Process one message for each list of events (or raw body), named by its position."""
        messages = [(str(i), one if isinstance(one, str) else encode(one)) for i, one in enumerate(batch)]
        name = f"batch {self.batches}"
        self.batches += 1
        return self.processor.process(messages, name, START, remaining)

    def reports(self, subject: str = "a:acme") -> object:
        """Return how many reports were counted."""
        row = self.memory.accounts.get(subject)
        return unpack(PLAN, subject, row.state).values[0] if row else 0


def reports(count: int, **more: Any) -> list[Event]:
    """Return reports of one account, an hour apart."""
    return [event(i, at=i * HOUR, **more) for i in range(count)]


def test_events_are_counted_archived_and_acknowledged() -> None:
    """The plain case: every message is done, with what became of it."""
    world = World()
    outcome = world.run(reports(2), [event("x", account="globex")])

    assert [] == outcome.failed
    assert {
        "EventsCounted": 3,
        "EventsRepeated": 0,
        "EventsLate": 0,
        "LeadsCreated": 0,
        "Conflicts": 0,
    } == outcome.counts
    assert [("a:acme", "acme"), ("a:acme", "acme"), ("a:globex", "globex")] == [
        (subject, one.account) for subject, one in world.archive.batches["batch 0"]
    ]


def test_fault_054_one_batch_costs_one_write_an_account() -> None:
    """However many events and messages there are, the account is written once."""
    world = World()
    world.run(reports(20), reports(30)[20:])

    assert (1, 30) == (world.memory.accounts["a:acme"].version, world.reports())


def test_a_repeat_writes_nothing() -> None:
    """A pure duplicate costs reads only, within a batch and later."""
    world = World()
    world.run(reports(2), reports(2))
    writes = world.memory.writes
    outcome = world.run(reports(2))

    assert (2, 2, writes) == (world.reports(), outcome.counts["EventsRepeated"], world.memory.writes)


def test_fault_044_a_repeat_is_found_long_after_it_left_the_row() -> None:
    """Ids that were filed are looked up in their buckets."""
    world = World()
    events = [event(i, at=i * 60_000) for i in range(400)]
    for start in range(0, 400, 20):
        world.run(events[start : start + 20])
    outcome = world.run(events[:10], events[150:160])

    assert (400, 20) == (world.reports(), outcome.counts["EventsRepeated"])
    assert world.memory.accounts["a:acme"].ledger.grain > 0, "a bucket that was read was full"


def test_a_lead_is_made_once_with_the_names_of_its_people() -> None:
    """What identify calls have taught stands on the card."""
    world = World()
    world.run([identify("i", name="Ada Lovelace", email="ada@acme.test")])
    outcome = world.run(reports(5))
    (record,) = world.memory.leads.values()

    assert 1 == outcome.counts["LeadsCreated"]
    assert [("ada", "Ada Lovelace", "ada@acme.test")] == [(p.id, p.name, p.email) for p in record.lead.people]


def test_fault_065_a_lead_that_stands_already_is_adopted() -> None:
    """After a partial restore the lead is not made again, and counting goes on."""
    world = World()
    world.run(reports(3))
    del world.memory.accounts["a:acme"]
    outcome = world.run(reports(4))

    assert (4, 0, 1) == (world.reports(), outcome.counts["LeadsCreated"], len(world.memory.leads))


def test_events_without_an_account_follow_what_group_calls_taught() -> None:
    """Also what was counted of the user before, and what comes in the same batch."""
    world = World()
    world.run([event(1, account=None)])
    world.run([group("g", at=1), event(2, account=None)], [event(3, account=None)])

    assert (0, 3) == (world.reports("u:ada"), world.reports("a:acme"))


def test_a_copy_from_before_the_account_was_known_is_still_a_copy() -> None:
    """It is looked up under every subject its user has been counted under."""
    world = World()
    first = event(1, account=None)
    world.run([first])
    world.run([group("g", "one", at=1)])
    world.run([first, event(2, account=None)])
    world.run([group("h", "two", at=2)])
    outcome = world.run([first, event(2, account=None)])

    assert 2 == outcome.counts["EventsRepeated"]
    assert (0, 2, 0) == (world.reports("u:ada"), world.reports("a:one"), world.reports("a:two"))


def test_fault_032_a_late_event_is_archived_and_not_counted() -> None:
    """Older than the horizon on arrival: reported, kept for replay, left out of the counters."""
    world = World()
    outcome = world.run([event(1, at=0, received=7 * DAY + 1), event(2, at=0, received=7 * DAY)])

    assert (1, 1, 2) == (outcome.counts["EventsLate"], world.reports(), len(world.archive.batches["batch 0"]))


def test_fault_039_poison_is_set_aside_and_the_rest_goes_on() -> None:
    """One message that nobody can read never holds up or loses another."""
    world = World()
    outcome = world.run("not an envelope", reports(2))

    assert [("not an envelope", "poison_message")] == world.quarantine.kept
    assert ([], 2) == (outcome.failed, world.reports())


def test_fault_047_a_message_of_a_newer_deployment_stays_in_the_queue() -> None:
    """It is neither counted nor set aside."""
    world = World()
    outcome = world.run('{"v":2,"events":[]}', reports(1))

    assert (["0"], [], 1) == (outcome.failed, world.quarantine.kept, world.reports())


class Down:
    """A provider that is not there."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object) -> None:
            raise Unavailable("down")

        return refuse


def test_an_account_that_nobody_can_count_holds_up_no_other() -> None:
    """Whatever it is: its own messages come again, and nothing of what is in it is told."""

    class Strange(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if change.row.subject == "a:odd":
                raise ZeroDivisionError("secret")
            super().commit(change, leads)

    store = Strange()
    world = World(store=store)
    outcome = world.run([event("odd", account="odd")], reports(2), [event("fine", account="fine")])

    assert (["0"], ["a:acme", "a:fine"]) == (outcome.failed, sorted(store.accounts))
    assert ["a:acme"] * 2 + ["a:fine"] == [subject for subject, _ in world.archive.batches["batch 0"]]
    assert (1, ["a:odd"]) == (outcome.counts["AccountsFailed"], [item for item, _ in outcome.faults])
    assert str(outcome.faults[0][1]).startswith("ZeroDivisionError in test_process.py:")


@pytest.mark.parametrize("call", ["move", "origins"])
def test_who_cannot_be_moved_or_converted_for_a_mistake_holds_up_no_other(call: str) -> None:
    """Two rows in which something is that nobody has thought of meet, say."""

    class Strange(MemoryStore):
        def move(self, *args: Any) -> None:
            if call == "move":
                raise ZeroDivisionError("secret")
            super().move(*args)

        def origins(self, subject: str) -> list[str]:
            if call == "origins" and subject == "u:bob":
                raise ZeroDivisionError("secret")
            return super().origins(subject)

    world = World(store=Strange())
    outcome = world.run(
        [group("g", "odd", "bob"), event("won", "Order Completed", account="odd", user="bob")], reports(2)
    )

    assert (["0"], 2) == (outcome.failed, world.reports())
    assert 1 == outcome.counts["AccountsFailed"]
    assert {"ZeroDivisionError"} == {str(error).partition(" in ")[0] for _, error in outcome.faults}


@pytest.mark.parametrize("broken", ["store", "archive", "quarantine"])
def test_nothing_is_acknowledged_while_a_provider_is_down(broken: str) -> None:
    """The messages come again, and then everything is counted once."""
    world = World(**{broken: Down()})
    outcome = world.run(reports(2), "poison")
    healed = World(store=world.memory if broken != "store" else None)
    healed.run(*([reports(2)] if "0" in outcome.failed else []))

    assert {"store": ["0"], "archive": ["0"], "quarantine": ["1"]}[broken] == outcome.failed
    assert 2 == healed.reports()


def test_fault_042_after_an_outage_nothing_more_is_tried() -> None:
    """A batch of many accounts does not hammer a table that is down."""

    class Denied(MemoryStore):
        tries = 0

        def commit(self, *_: Any) -> None:
            self.tries += 1
            raise Unavailable("access denied")

    store = Denied()
    outcome = World(store=store).run(*[[event(i, account=f"account {i}")] for i in range(20)])

    assert ([str(i) for i in range(20)], 1) == (outcome.failed, store.tries)


def test_fault_041_the_rest_is_handed_back_before_the_function_is_killed() -> None:
    """Below three seconds nothing new is begun."""
    seconds = iter([10.0, 2.9, 0.0])
    world = World()
    outcome = world.run(
        *[[event(name, account=name)] for name in ("one", "two", "three")], remaining=lambda: next(seconds)
    )

    assert (["1", "2"], {"a:one"}) == (outcome.failed, set(world.memory.accounts))


def test_more_new_events_than_one_commit_takes_are_all_counted() -> None:
    """A flood for one account is committed in several writes of bounded size."""
    world = World()
    events = [event(i, at=i * 1000) for i in range(COMMIT_LIMIT * 2 + 5)]
    outcome = world.run(events)

    assert (len(events), 3) == (world.reports(), world.memory.accounts["a:acme"].version)
    assert len(events) == outcome.counts["EventsCounted"]


def test_fault_053_a_row_that_others_keep_winning_goes_back_to_the_queue() -> None:
    """After five lost writes the message is handed back, and nothing was counted twice."""

    class Contended(MemoryStore):
        tries = 0

        def commit(self, *_: Any) -> None:
            self.tries += 1
            raise Conflict("somebody else")

    store = Contended()
    outcome = World(store=store).run(reports(1))

    assert (["0"], TRIES) == (outcome.failed, store.tries)
    assert ["conflict"] == [error.code for _, error in outcome.faults]
    assert 1 == outcome.counts["AccountsContended"]


def test_fault_053_a_member_that_others_keep_winning_is_told_as_well() -> None:
    """Whose account cannot be learned is in the same case as an account that cannot be written."""

    class Contended(MemoryStore):
        def teach(self, *_: Any) -> None:
            raise Conflict("somebody else")

    outcome = World(store=Contended()).run([identify("i", name="Ada")])

    assert ["0"] == outcome.failed
    assert 1 == outcome.counts["AccountsContended"]


def test_fault_061_an_account_that_has_grown_large_is_told_while_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With each write beyond what is cheap, by the name that logs have for it; smaller ones are not."""
    small = World().run(reports(1))
    world = World()
    world.run(reports(1))
    monkeypatch.setattr(count, "LARGE", len(world.memory.accounts["a:acme"].state) + ITEM_OVERHEAD)
    large = world.run([event("more")])

    assert (0, []) == (small.counts["LargeAccounts"], small.large)
    assert (1, ["a:acme"]) == (large.counts["LargeAccounts"], large.large)


def test_fault_110_one_row_of_a_newer_deployment_holds_up_nobody_else() -> None:
    """Its message comes again; the others are counted."""
    world = World()
    world.run(reports(1))
    world.memory.accounts["a:acme"] = Row("a:acme", newer=True)
    outcome = world.run(reports(2), [event("x", account="globex")])

    assert (["0"], 1) == (outcome.failed, world.reports("a:globex"))


@pytest.mark.parametrize("call", ["move", "commit"])
def test_fault_061_an_item_that_the_table_refuses_holds_up_nobody_else(call: str) -> None:
    """A row or a member that can never be written fails its own messages only."""

    class Refusing(MemoryStore):
        def move(self, move: Any, leads: Any) -> None:
            if call == "move" and "whale" in move.member.account:
                raise Unwritable("too large")
            super().move(move, leads)

        def commit(self, change: Any, leads: Any) -> None:
            if call == "commit" and "whale" in change.row.subject:
                raise Unwritable("too large")
            super().commit(change, leads)

    world = World(store=Refusing())
    outcome = world.run([group("w", "whale", "bob"), event(1, account="whale", user="bob")], reports(2))

    assert (["0"], 2) == (outcome.failed, world.reports())
    assert (1, ["unwritable"]) == (
        outcome.counts["AccountsFailed"],
        [error.code for _, error in outcome.faults],
    )


def test_more_leads_than_one_transaction_takes_are_made_in_several() -> None:
    """A backlog in which a rule fires again and again is committed in parts."""
    plan = plan_of(
        """
signals: {reports: {count: any, within: 1h}}
rules: {each: {when: {signal: reports, at_least: 1}, cooldown: 1h, title: t, reason: r}}
"""
    )
    memory = MemoryStore()
    counter = Counter(memory, plan, 45, lambda _: None)
    (work,) = works([Placed(event(i, at=i * 2 * HOUR), "a:acme") for i in range(250)])
    counted = counter.count(work, look(memory, [work]), START, lambda: PLENTY)

    assert (250, 250, 250) == (counted.new, counted.leads, len(memory.leads))
    assert memory.accounts["a:acme"].version > 250 // LEADS_LIMIT


def test_fault_054_a_flood_for_one_account_stops_in_time() -> None:
    """What was committed stays, and the message comes again for the rest."""
    world = World()
    seconds = iter([60.0, 2.0])
    outcome = world.run([event(i, at=i) for i in range(COMMIT_LIMIT + 1)], remaining=lambda: next(seconds))

    assert (["0"], COMMIT_LIMIT) == (outcome.failed, world.reports())
    assert 0 == outcome.counts["AccountsContended"]


NAMED = [
    [group("g", at=0), event(1, account=None)],
    [event(2), event(3, account="globex")],
    [event(4, at=HOUR), event(5, account=None, at=2 * HOUR), event(6, at=DAY, user="bob")],
]
X = event("x", account=None, user=None, anonymous="x")
FOLDED = [
    [X, event(1, account=None), event(2, account=None)],
    [event(3, account=None, user="bob")],
    [identify("i", anonymous="x", at=HOUR), event(4, account=None, at=HOUR)],
    [group("g", at=2 * HOUR), X, event(1, account=None), event(3, account=None, user="bob")],
    [event(2, account=None), event(5, at=DAY)],
]
MOVED = [
    [group("g", "old", at=0), event(1, account=None), identify("i", anonymous="x")],
    [group("h", "acme", at=HOUR), event(1, account=None), X],
    [event(2, account=None, at=DAY), identify("j", user="bob", anonymous="x", at=2 * HOUR)],
    [X, event(1, account=None), event(3, account=None, user="bob"), event(4), event(5)],
]
BOUGHT = [
    [event(i, account=None, at=i * HOUR) for i in range(3)],
    [group("g", at=3 * HOUR), event(3, at=3 * HOUR), event("o", "Order Completed", at=4 * HOUR)],
    [event("p", "order_completed", at=5 * HOUR), event(4, at=5 * HOUR)],
]
ORDER = (START + 4 * HOUR, event("o").id)
# What a story comes to: each of its lists is a batch of its own.
STORIES = {
    "named": (NAMED, {"a:acme": 5, "a:globex": 1}, {("a:acme", "busy", 1): None}),
    "folded": (FOLDED, {"a:acme": 5, "u:bob": 1}, {("u:ada", "busy", 1): None}),
    "moved": (MOVED, {"a:old": 1, "a:acme": 4, "u:bob": 1}, {("a:acme", "busy", 1): None}),
    "bought": (BOUGHT, {"a:acme": 5}, {("u:ada", "busy", 1): ORDER}),
}


def outcome_of(memory: MemoryStore) -> tuple[dict[str, object], dict[tuple[str, str, int], object]]:
    """Return the counters that are not nothing, and the leads with when and by what they converted."""
    world = World(store=memory)
    counters = {subject: world.reports(subject) for subject in memory.accounts}
    leads = {tuple(key): _conversion(record) for key, record in memory.leads.items()}
    return {subject: held for subject, held in counters.items() if held}, leads


def _conversion(record: LeadRecord) -> object:
    held = record.standing
    return (held.converted_at, held.conversion_event) if held.state == "converted" else None


def tell(store: CrashingStore, story: list[list[Event]], *, doubled: bool) -> None:
    """Process a story batch by batch; what fails comes again at once, and nothing goes wrong then."""
    for batch in story:
        messages = [[one] for one in batch] * (2 if doubled else 1)
        try:
            failed = World(store=store).run(*messages).failed
        except Killed:
            failed = [str(i) for i in range(len(messages))]
        World(store=store.store).run(*(messages[int(i)] for i in failed))


@pytest.mark.parametrize("doubled", [False, True], ids=["once", "every message twice"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", STORIES)
def test_fault_049_050_055_whatever_call_goes_wrong_every_event_counts_once(
    name: str,
    way: Way,
    doubled: bool,  # noqa: FBT001 - a parameter
) -> None:
    """For every call of the story: it goes wrong, what failed comes again, and the end is the same.

    With and without redundant copies: copies heal a lost event and would hide the bug.
    """
    story, *expected = STORIES[name]
    quiet = CrashingStore(MemoryStore(), -1, way)
    tell(quiet, story, doubled=doubled)
    ends = []
    for at in range(quiet.calls + 1):
        store = CrashingStore(MemoryStore(), at, way)
        tell(store, story, doubled=doubled)
        ends.append(outcome_of(store.store))

    assert [tuple(expected)] * len(ends) == ends


@given(histories(most=30), chances(), st.integers(1, 7))
@settings(max_examples=examples(40))
def test_cuts_and_copies_change_nothing(history: list[Event], rnd: Any, size: int) -> None:
    """Any cut into batches and any repetition give the bytes and the leads of the plain stream."""
    plain, cut = MemoryStore(), MemoryStore()
    for one in history:
        World(store=plain).run([one])
    for start in range(0, len(history), size):
        part = history[start : start + size]
        World(store=cut).run(part, rnd.sample(part, len(part) // 2))
        World(store=cut).run(rnd.sample(history[: start + size], min(3, start)))

    assert _states(plain) == _states(cut)
    assert set(plain.leads) == set(cut.leads)


def _states(memory: MemoryStore) -> dict[str, bytes]:
    return {subject: row.state for subject, row in memory.accounts.items()}
