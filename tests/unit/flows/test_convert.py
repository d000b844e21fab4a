"""Conversions: what an account does that makes it a customer ends its leads, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.leads import northwind
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Row
from pql.core.envelope import encode
from pql.core.errors import Conflict, Poison, Unavailable
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_state import Life
from pql.engine.plan import Plan
from pql.flows.convert import Converter
from pql.flows.count import Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

FILE = """
conversions: [Subscription Started, order_completed]
signals: {reports: {count: Report Created}}
rules: {busy: {when: {signal: reports, at_least: 100}, title: t, reason: r}}
"""
OTHER = """
conversions: Seat Added
rules: {rich: {when: {trait: plan, is: paid}, title: t, reason: r}}
"""
PACK = Pack(
    {name: RuleFile.model_validate(Source(name, text).data) for name, text in (("a", FILE), ("b", OTHER))}
)
NOW = START + 30 * DAY


def lead(subject: str = "a:acme", at: int = 0, **more: Any) -> Lead:
    """Return a lead of a subject, made `at` ms after the start."""
    return northwind(subject_key=subject, created=START + at, **more)


def order(key: object = "order", at: int = DAY, **more: Any) -> Event:
    """Return what converts acme a day after the start."""
    return event(key, more.pop("name", "Order Completed"), at=at, **more)


class Counting(MemoryLeads):
    """Leads that count their calls."""

    def __init__(self, leads: dict[LeadKey, LeadRecord]) -> None:
        super().__init__(leads)
        self.calls: list[str] = []

    def of(self, subject: str) -> Iterator[LeadRecord]:
        """Yield the leads of a subject."""
        self.calls.append("of")
        return super().of(subject)

    def change(self, key: LeadKey, before: Life, after: Life) -> None:
        """Write how a lead stands."""
        self.calls.append("change")
        super().change(key, before, after)


class World:
    """A processor over memory with some leads in it."""

    def __init__(self, *leads: Lead | LeadRecord, port: Any = Counting) -> None:
        self.memory = MemoryStore()
        for one in leads:
            record = one if isinstance(one, LeadRecord) else LeadRecord(one)
            self.memory.leads[record.lead.key] = record
        self.leads = port(self.memory.leads)
        self.archive = MemoryArchive()
        self.processor = Processor(
            self.memory,
            Counter(self.memory, Plan(PACK), 45, lambda _: None),
            self.archive,
            MemoryQuarantine(),
            horizon=7 * DAY,
            pause=lambda _: None,
            converter=Converter(self.leads, PACK.conversions),
        )

    def run(self, *batch: list[Event], seconds: float = 60.0) -> Outcome:
        """Process one message for each list of events."""
        messages = [(str(i), encode(one)) for i, one in enumerate(batch)]
        return self.processor.process(messages, "batch", NOW, lambda: seconds)

    def standing(self, one: Lead) -> Life:
        """Return how a lead stands."""
        return self.memory.leads[one.key].standing


def test_a_conversion_says_when_by_what_and_after_how_many_days() -> None:
    """The event's counted time and id stand on the lead, beside who had claimed it."""
    claimed = LeadRecord(lead(), standing=Life("claimed", "kim", changed=START))
    world = World(claimed)
    outcome = world.run([order(at=36 * HOUR)])
    record = world.memory.leads[claimed.lead.key]

    assert ([], 1) == (outcome.failed, outcome.counts["LeadsConverted"])
    assert ("converted", "kim", START + 36 * HOUR, order().id, 1.5) == (
        record.standing.state,
        record.standing.owner,
        record.standing.converted_at,
        record.standing.conversion_event,
        record.days_to_conversion,
    )


def test_every_lead_of_the_subject_that_is_not_closed_converts() -> None:
    """Of all its rules and cycles; what was dismissed or had expired by then stays so."""
    dismissed = LeadRecord(lead(rule="small"), standing=Life("dismissed", "kim", changed=START))
    expired = lead(rule="old", at=-90 * DAY)
    snoozed = LeadRecord(lead(rule="later"), standing=Life("snoozed", "lee", until=NOW, changed=START))
    fresh, shadow, other = lead(), lead(cycle=2, status="shadow"), lead("a:globex")
    world = World(dismissed, expired, snoozed, fresh, shadow, other)
    outcome = world.run([order(at=DAY)])

    assert 3 == outcome.counts["LeadsConverted"]
    assert ["converted"] * 3 + ["dismissed", "open", "open"] == [
        world.standing(one).state for one in (snoozed.lead, fresh, shadow, dismissed.lead, expired, other)
    ]


def test_a_lead_converts_as_of_the_event_not_of_its_delivery() -> None:
    """One that has expired by now, but had not when the account bought, was worth it."""
    old = lead(at=DAY - 89 * DAY)
    world = World(old)
    world.run([order(at=DAY, received=3 * DAY)])

    assert "converted" == world.standing(old).state


@pytest.mark.parametrize("name", ["Order Completed", "orderCompleted", "subscription-started", "Seat Added"])
def test_every_file_of_a_pack_names_conversions(name: str) -> None:
    """For the leads of all of them, however senders spell the names."""
    one = lead()
    world = World(one)
    world.run([order(name=name)])

    assert "converted" == world.standing(one).state


@pytest.mark.parametrize("at", [0, -1, -DAY])
def test_a_conversion_before_the_lead_does_not_convert_it(at: int) -> None:
    """Nor one at the same moment, which is how a lead that the event itself makes looks."""
    one = lead()
    world = World(one)
    outcome = world.run([order(at=at)])

    assert (Life(), 0) == (world.standing(one), outcome.counts["LeadsConverted"])


def test_a_sender_s_clock_cannot_date_a_conversion_ahead() -> None:
    """It happened no later than we heard of it."""
    one = lead()
    world = World(one)
    world.run([order(at=DAY + 5 * HOUR, received=DAY)])

    assert START + DAY == world.standing(one).converted_at


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_the_earliest_conversion_counts_however_they_come(cut: int) -> None:
    """In one batch, in several, out of order and again."""
    one = lead()
    world = World(one)
    events = [order("c", at=3 * DAY), order("a", at=DAY, name="subscription_started"), order("b", at=2 * DAY)]
    for start in (*range(0, 3, cut), 0):
        world.run(events[start : start + cut])

    assert (START + DAY, order("a").id) == (
        world.standing(one).converted_at,
        world.standing(one).conversion_event,
    )


def test_who_did_it_converts_too() -> None:
    """A visitor became a lead, their account is known by now, and the event names it."""
    visitor, user, account, colleague = lead("n:x"), lead("u:ada"), lead(), lead("u:bob")
    world = World(visitor, user, account, colleague)
    world.run([order(anonymous="x")])

    assert ["converted"] * 3 + ["open"] == [
        world.standing(one).state for one in (visitor, user, account, colleague)
    ]


def test_an_account_that_was_left_does_not_convert() -> None:
    """What somebody buys in their new place is nothing to the old one."""
    old, new = lead("a:old"), lead("a:new")
    world = World(old, new)
    for number, account in enumerate(["old", "new"]):
        world.run([group(account, account, at=number), event(account, account=None, at=number)])
    world.run([order(account=None)])

    assert ["open", "converted"] == [world.standing(old).state, world.standing(new).state]


def test_other_events_cost_no_call() -> None:
    """Page views of the same name, identify calls and everything else."""
    world = World(lead())
    world.run([event(1), event(2, "Order Completed", kind="page"), group("g"), event(3, "Order Complete")])

    assert [] == world.leads.calls


def test_a_conversion_that_is_told_again_only_reads() -> None:
    """One look for each subject, and no write."""
    world = World(lead())
    world.run([order()])
    world.leads.calls.clear()
    outcome = world.run([order()], [order()])

    assert (["of"] * 2, 2, 0) == (
        world.leads.calls,
        outcome.counts["EventsRepeated"],
        outcome.counts["LeadsConverted"],
    )


def test_a_late_event_converts_nobody() -> None:
    """It is not counted either."""
    one = lead(at=-20 * DAY)
    world = World(one)
    world.run([order(at=0, received=8 * DAY)])

    assert Life() == world.standing(one)


class Broken(MemoryLeads):
    """Leads of one account that cannot be changed."""

    error: Exception = Conflict("somebody else")

    def change(self, key: LeadKey, before: Life, after: Life) -> None:
        """Refuse."""
        if key.subject == "a:acme":
            raise self.error
        super().change(key, before, after)


@pytest.mark.parametrize("error", [Conflict("others"), Poison("no lead"), Unavailable("down")])
def test_what_could_not_be_converted_comes_again(error: Exception) -> None:
    """The message fails though its events are counted and archived, and the next one does the rest."""
    one = lead()
    world = World(one, port=type("Port", (Broken,), {"error": error}))
    outcome = world.run([order()], [event("x", account="globex")])
    archived = [event for _, event in world.archive.batches["batch"]]
    world.processor._converter = Converter(MemoryLeads(world.memory.leads), PACK.conversions)
    world.run([order()])

    assert (["0"], [order(), event("x", account="globex")]) == (outcome.failed, archived)
    assert "converted" == world.standing(one).state


@pytest.mark.parametrize("error", [Conflict("others"), Poison("no lead")])
def test_one_lead_holds_up_no_other_account(error: Exception) -> None:
    """Its messages come again, all of them; others convert."""
    mine, other = lead(), lead("a:globex")
    world = World(mine, other, port=type("Port", (Broken,), {"error": error}))
    outcome = world.run([order()], [order("y", account="globex", user="bob")], [order("z")])

    assert (["0", "2"], "converted") == (outcome.failed, world.standing(other).state)
    assert [type(error)] == [type(fault) for _, fault in outcome.faults]
    assert isinstance(error, Conflict) == outcome.counts["AccountsContended"]


def test_nothing_is_begun_when_time_runs_short() -> None:
    """The message comes again before its function is killed."""
    one = lead()
    world = World(one)
    seconds = iter([60.0, 2.0, 2.0])
    messages = [("0", encode([order()]))]
    outcome = world.processor.process(messages, "batch", NOW, lambda: next(seconds))

    assert (["0"], []) == (outcome.failed, world.leads.calls)


def test_time_is_looked_at_before_each_of_those_who_were_folded_in() -> None:
    """There may be a hundred: the message comes again for the rest, and what is done stays done."""
    ones = [lead(), lead("n:x"), lead("n:y")]
    world = World(*ones)
    world.memory.folded["a:acme"] = {"n:x", "n:y"}
    calls = world.leads.calls
    messages = [("0", encode([order()]))]
    short = world.processor.process(messages, "batch", NOW, lambda: 60.0 if calls.count("of") < 2 else 2.0)

    assert (["0"], 2) == (short.failed, calls.count("of"))
    assert [] == world.run([order()]).failed
    assert ["converted"] * 3 == [world.standing(one).state for one in ones]


def test_somebody_who_claims_meanwhile_keeps_the_credit() -> None:
    """The conversion looks again and says who had the lead."""
    one = lead()

    class Raced(MemoryLeads):
        raced = False

        def change(self, key: LeadKey, before: Life, after: Life) -> None:
            if not self.raced:
                self.raced = True
                super().change(key, before, Life("claimed", "kim", changed=START + HOUR))
            super().change(key, before, after)

    world = World(one, port=Raced)
    outcome = world.run([order()])

    assert ("converted", "kim", 1) == (
        world.standing(one).state,
        world.standing(one).owner,
        outcome.counts["LeadsConverted"],
    )


def test_an_earlier_order_that_comes_late_is_no_second_conversion() -> None:
    """It moves the moment back, and nothing is counted again."""
    one = lead()
    world = World(one)
    counts = [world.run([order(day, at=day * DAY)]).counts["LeadsConverted"] for day in (2, 1)]

    assert ([1, 0], START + DAY) == (counts, world.standing(one).converted_at)


def test_who_does_not_say_the_device_converts_the_visitor_all_the_same() -> None:
    """A server that knows the user, one that names the account, a colleague: the lead is of who they were."""
    ends = []
    for account, user in ((None, "ada"), ("acme", "ada"), ("acme", "bob")):
        world = World()
        world.run([event(i, account=None, user=None, anonymous="x") for i in range(100)])
        world.run([identify("i", at=HOUR, anonymous="x")])
        world.run([group("g", at=2 * HOUR)])
        leads = {key.subject for key in world.memory.leads}
        world.run([order(account=account, user=user)])
        ends.append((leads, {record.standing.state for record in world.memory.leads.values()}))

    assert [({"n:x"}, {"converted"})] * 3 == ends


def test_a_device_converts_who_they_were_before_their_first_account() -> None:
    """Where they are by now nobody has heard of that lead, and the event does not say the user."""
    world = World()
    world.run([event(i, account=None) for i in range(100)])
    for call in (group("g", "old", at=1), group("h", "new", at=2), identify("i", at=3, anonymous="x")):
        world.run([call])
    world.run([order(account=None, user=None, anonymous="x")])

    assert {"u:ada": "converted"} == {
        key.subject: record.standing.state for key, record in world.memory.leads.items()
    }


def test_a_stuck_account_holds_up_no_order_and_no_line_of_another() -> None:
    """The message comes again for its sake; what else was in it is done."""
    one = lead("a:globex")
    world = World(one)
    world.memory.accounts["a:stuck"] = Row("a:stuck", 1, newer=True)
    outcome = world.run([event(1, account="stuck"), order(account="globex")])
    archived = [event for _, event in world.archive.batches["batch"]]

    assert (["0"], "converted", [order(account="globex")]) == (
        outcome.failed, world.standing(one).state, archived,
    )  # fmt: skip
