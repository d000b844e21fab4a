"""Rules about people: whatever somebody does in whatever account counts for them, once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from fakes.crashing_store import WAYS, CrashingLeads, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.interrupted_store import InterruptedStore
from fakes.people import ACCOUNTS, ALONE, BOTH, PEOPLE, held, pack_of, run
from pql.adapters.memory_archive import MemoryArchive
from pql.adapters.memory_store import MemoryStore
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.engine.plan import Plan
from pql.engine.state import editions_of, unpack
from pql.flows.wake import Waker


def report(key: object, at: int = 0, account: str | None = "acme", **who: Any) -> Event:
    """Return a report of ada's in acme, unless said otherwise."""
    return event(key, at=at, account=account, **who)


def visit(key: object, at: int = 0, account: str | None = None) -> Event:
    """Return a report of somebody on the device x, whoever that is."""
    return event(key, at=at, account=account, user=None, anonymous="x")


def test_what_a_user_does_in_an_account_counts_for_both() -> None:
    """Each has a row of its own, written once for the whole batch."""
    store = MemoryStore()
    outcome = run(store, report(1), report(2), report(3, user="bob"))

    assert {"a:acme": 3, "p:ada": 2, "p:bob": 1} == held(store)
    assert {1} == {row.version for row in store.accounts.values()}
    assert (3, 3) == (outcome.counts["EventsCounted"], outcome.counts["EventsCountedForPeople"])


def test_a_user_in_two_accounts_is_one_person() -> None:
    """And becomes one lead, where neither account does."""
    store = MemoryStore()
    run(store, report(1), report(2, account="globex"), report(3, account=None))

    assert {"a:acme": 1, "a:globex": 1, "u:ada": 1, "p:ada": 3} == held(store)
    assert [LeadKey("p:ada", "keen", 1)] == [*store.leads]


def test_a_repeat_is_a_repeat_for_both_and_writes_nothing() -> None:
    """Also when the account of its user was learned in between."""
    store = MemoryStore()
    run(store, report(1, account=None))
    run(store, group("g", at=1))
    writes = store.writes
    outcome = run(store, report(1, account=None), report(1, account=None))

    assert ({"a:acme": 1, "p:ada": 1}, writes) == (held(store), store.writes)
    assert 2 == outcome.counts["EventsRepeatedForPeople"]


def test_an_event_that_no_rule_about_people_looks_at_costs_its_person_nothing() -> None:
    """Nor does an identify call that tells nothing they ask for."""
    store = MemoryStore()
    run(store, event(1, "Page Read"), group("g", plan="trial"), identify("i", shoe_size=44))

    assert [] == [key for key in store.accounts if key.startswith("p:")]


def test_the_traits_of_a_person_come_of_identify_calls() -> None:
    """In an account, too; those of the account stay with the account."""
    plan = Plan(
        pack_of(
            "subject: user\n"
            'rules: {pro: {when: {trait: role, is: pro}, title: "{user}", reason: "{traits.plan}"}}'
        )
    )
    store = MemoryStore()
    run(store, group("g", plan="trial"), identify("i", at=1, account="acme", role="pro"), plan=plan)
    (record,) = store.leads.values()

    assert ("p:ada", "ada", "nothing") == (record.lead.subject_key, record.lead.title, record.lead.reason)


def test_a_lead_about_a_person_names_that_person_alone() -> None:
    """With what identify calls have told, and all that was counted of them."""
    store = MemoryStore()
    run(store, identify("i", name="Ada Lovelace", email="ada@acme.test"), visit(0))
    run(store, identify("j", at=1, anonymous="x"), report(1, at=2), report(2, at=HOUR))
    (record,) = store.leads.values()
    lead = record.lead

    assert ("user", "ada", False) == (lead.subject, lead.account_id, lead.people_partial)
    assert [("ada", "Ada Lovelace", "ada@acme.test", 3)] == [
        (one.id, one.name, one.email, one.events) for one in lead.people
    ]


def test_a_lead_about_a_visitor_says_what_they_have_told_of_themselves() -> None:
    """An address is often left before there is a user."""
    store = MemoryStore()
    run(store, identify("i", None, anonymous="x", email="ada@acme.test"), *map(visit, range(3)))

    assert {"n:x": [("x", "ada@acme.test")], "v:x": [("x", "ada@acme.test")]} == {
        key.subject: [(one.id, one.email) for one in record.lead.people]
        for key, record in store.leads.items()
    }


def test_a_visitor_becomes_a_person_with_all_that_was_counted() -> None:
    """Though nothing was done in an account and the copy comes again afterwards."""
    store = MemoryStore()
    run(store, visit(1), visit(2, account="acme"))
    before = held(store)
    run(store, identify("i", at=1, anonymous="x"))
    outcome = run(store, visit(1), visit(2, account="acme"), visit(3))

    assert {"n:x": 1, "a:acme": 1, "v:x": 2} == before
    assert {"u:ada": 2, "a:acme": 1, "p:ada": 3} == held(store)
    assert ("p:ada", b"") == (store.accounts["v:x"].moved, store.accounts["v:x"].state)
    assert 2 == outcome.counts["EventsRepeatedForPeople"]


def test_a_lead_that_becoming_known_makes_comes_of_the_identify_call() -> None:
    """It stands in the transaction that moves the visitor, beside that of the user without an account."""
    store = MemoryStore()
    call = identify("i", at=2, anonymous="x")
    run(store, report(1, account=None), report(2, account=None), visit(3))
    run(store, call)

    assert {LeadKey("u:ada", "busy", 1): call.id, LeadKey("p:ada", "keen", 1): call.id} == {
        key: record.lead.event_id for key, record in store.leads.items()
    }


def test_a_device_that_changes_hands_takes_nothing_along() -> None:
    """What its former user did on it stays with that person, and so do the copies."""
    store = MemoryStore()
    run(store, identify("i", anonymous="x"), visit(1, account="acme"))
    run(store, identify("j", "bob", at=1, anonymous="x"))
    run(store, visit(1, account="acme"), visit(2, account="acme"))

    assert {"a:acme": 2, "p:ada": 1, "p:bob": 1} == held(store)


def test_what_time_alone_makes_true_of_a_person_is_judged_by_rules_about_people() -> None:
    """By the sweep, and their row is looked at ever less once no rule is about people any more."""
    lapsed = PEOPLE.replace("mine: {count", "gone: {days_since").replace("mine", "gone")
    plan, store = Plan(pack_of(ACCOUNTS, lapsed)), MemoryStore()
    run(store, report(1), plan=plan)
    forsaken = MemoryStore({**store.accounts})
    Waker(store, plan).run(START + 5 * DAY, lambda: 60_000)
    outcome = Waker(forsaken, Plan(pack_of(ACCOUNTS))).run(START + 5 * DAY, lambda: 60_000)

    assert [LeadKey("p:ada", "keen", 1)] == [*store.leads]
    assert ({}, []) == (forsaken.leads, outcome.failed)
    assert (forsaken.accounts["p:ada"].wake or 0) > (START + 5 * DAY) // 1000
    assert store.accounts["p:ada"].ledger == forsaken.accounts["p:ada"].ledger


def test_a_conversion_ends_the_leads_of_the_person_and_of_the_account() -> None:
    """And that of the visitor they were, though no rule looks at the event, nor does it say the device."""
    store = MemoryStore()
    run(store, *(visit(i, account="acme") for i in range(3)))
    run(store, identify("i", at=1, anonymous="x"), report(8), report(9), report(10))
    order = event("o", "Order Completed", at=HOUR, user="ada")
    outcome = run(store, order)

    assert {"a:acme": "converted", "v:x": "converted"} == {
        key.subject: record.standing.state for key, record in store.leads.items()
    }
    assert 2 == outcome.counts["LeadsConverted"]


def test_where_all_files_are_about_people_nothing_else_is_counted() -> None:
    """One write for each person; the archive has every event once, and repeats stay repeats."""
    store, archive = MemoryStore(), MemoryArchive()
    events = [report(1), report(2), event(3, "Page Read")]
    outcome = run(store, *events, plan=ALONE, archive=archive)

    assert (["p:ada"], 1, 2) == ([*store.accounts], store.writes, outcome.counts["EventsCounted"])
    assert events == [one for _, one in archive.batches["batch"]]


def test_a_late_event_is_late_once_and_archived_once() -> None:
    """Whomever it would have been counted for."""
    store, archive = MemoryStore(), MemoryArchive()
    late = msgspec.structs.replace(report(1), received=START + 9 * DAY)
    outcome = run(store, late, report(2), archive=archive)

    assert (1, {"a:acme": 1, "p:ada": 1}) == (outcome.counts["EventsLate"], held(store))
    assert [late, report(2)] == [one for _, one in archive.batches["batch"]]


def test_a_person_with_many_devices_is_still_alone_on_the_card() -> None:
    """An account with so many people would say that there were more."""
    store = MemoryStore()
    for number in range(17):
        device = f"device {number}"
        run(store, msgspec.structs.replace(visit(number), anonymous=device))
        run(store, identify(f"i{number}", at=number + 1, anonymous=device))
    partial = {key.subject: record.lead.people_partial for key, record in store.leads.items()}
    run(store, event("more", at=HOUR, user="ada"), plan=BOTH)

    assert (17 + 1, False) == (held(store)["p:ada"], partial["p:ada"])
    assert unpack(BOTH.of("p:ada"), "p:ada", store.accounts["p:ada"].state).crowded


def test_drafts_about_people_cost_nothing() -> None:
    """No read and no write is any different, to the byte."""
    draft = PEOPLE.replace("keen: {", "keen: {status: draft, ")
    events = [report(1), visit(2), identify("i", at=1, anonymous="x"), report(3), visit(4, account="acme")]

    assert _traced(Plan(pack_of(ACCOUNTS)), events) == _traced(Plan(pack_of(ACCOUNTS, draft)), events)


def _traced(plan: Plan, events: Sequence[Event]) -> tuple[Any, ...]:
    """Return every call that processing makes, and what stands in the table afterwards."""
    calls = []

    class Traced(MemoryStore):
        def __getattribute__(self, name: str) -> Any:
            if name in ("members", "teach", "move", "rows", "seen", "spill", "commit"):
                calls.append(name)
            return super().__getattribute__(name)

    store = Traced()
    for one in events:
        run(store, one, plan=plan)
    return calls, store.accounts, store.people, store.leads, store.writes


def test_the_order_of_events_makes_no_difference_to_a_person() -> None:
    """Neither does how they are cut into batches."""
    events = [
        visit(1),
        visit(2, account="acme"),
        identify("i", at=0, anonymous="x", name="Ada"),
        report(3, account="globex"),
    ]
    last = identify("l", at=HOUR, plan="pro")
    ends = set()
    for order, size in itertools.product(itertools.permutations(events), (1, 2, 4)):
        store = MemoryStore()
        for start in range(0, 4, size):
            run(store, *order[start : start + size])
        run(store, last)
        ends.add((held(store)["p:ada"], LeadKey("p:ada", "keen", 1) in store.leads))

    assert {(3, True)} == ends


CRASHES = [
    (report(1), visit(2, account="acme")),
    (visit(3), identify("i", at=1, anonymous="x"), report(4)),
    (event("o", "Order Completed", at=2 * HOUR, anonymous="x"), visit(5), report(6, account="globex")),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_crash_at_any_call_counts_everything_once(way: Way) -> None:
    """Every call of the whole way is broken once, and each message comes until it is done."""
    ends = []
    for at in itertools.count():
        store = CrashingStore(MemoryStore(), at, way)
        for message in CRASHES:
            _until_done(store, message)
        if at >= store.calls:
            break
        memory = store.store
        ends.append(
            (held(memory), sorted((k, r.standing.state, r.lead.created) for k, r in memory.leads.items()))
        )

    assert 20 < len(ends)
    assert all(one == ends[-1] for one in ends)
    assert ({"p:ada": 6}, 2) == (
        {key: value for key, value in ends[-1][0].items() if key[0] in "pv"},
        len([key for key, *_ in ends[-1][1] if key.rule in ("keen", "busy")]),
    )


def _until_done(store: Any, message: Sequence[Event]) -> None:
    while True:
        try:
            leads = CrashingLeads(store) if isinstance(store, CrashingStore) else None
            if not run(store, *message, leads=leads).failed:
                return
        except Killed:
            continue


# What was there before, and the call that makes somebody of the device x.
RACES = {
    "visitor becomes a person": ([], identify("i", at=1, anonymous="x")),
    "visitor becomes a person who was there": ([report(0)], identify("i", at=1, anonymous="x")),
    "device changes hands": ([identify("i", anonymous="x")], identify("j", "bob", at=1, anonymous="x")),
}


@pytest.mark.parametrize("account", [None, "acme"])
@pytest.mark.parametrize("name", RACES)
def test_a_copy_that_races_with_its_visitor_is_counted_once(name: str, account: str | None) -> None:
    """Two copies and the call between or around them, at every call of the first."""
    before, lesson = RACES[name]
    copied = visit("x", account=account)
    ends = set()
    orders = ([lesson, copied, copied], [copied, lesson, copied], [copied, copied, lesson])
    for jobs in orders:
        for at in itertools.count():
            for then in itertools.count():
                store = MemoryStore()
                for one in before:
                    run(store, one)
                came = _interleaved(store, jobs, at, then)
                ends.add(sum(value for key, value in held(store).items() if key[0] in "pv"))
                if not came[1]:
                    break
            if not came[0]:
                break

    assert {1 + sum(one.type == "track" for one in before)} == ends


def _interleaved(store: MemoryStore, jobs: Sequence[Event], at: int, then: int) -> tuple[bool, bool]:
    """Process the first job, interrupted at a call by the second, and that by the third.

    Return whether the call of each interruption came: at any later one the end would be the same.
    """
    came = [True, True]
    inner = InterruptedStore(store, {then: lambda: _until_done(store, jobs[2:])})

    def middle() -> None:
        _until_done(inner, jobs[1:2])
        came[1] = not inner.jobs
        inner.rest()

    outer = InterruptedStore(store, {at: middle})
    _until_done(outer, jobs[:1])
    came[0] = not outer.jobs
    outer.rest()
    return came[0], came[1]


def test_a_state_says_which_rules_it_is_for() -> None:
    """The plan of an account is never asked about a person, and the other way round."""
    assert (BOTH, BOTH.people, BOTH.people) == (BOTH.of("u:ada"), BOTH.of("p:ada"), BOTH.of("v:x"))
    assert ["keen"] == [rule.name for rule in BOTH.of("p:ada").rules]
    assert [] == Plan(pack_of(ACCOUNTS)).of("p:ada").rules


def test_rules_about_people_are_declared_like_others() -> None:
    """Their rows name another edition than those of accounts."""
    store = MemoryStore()
    run(store, report(1))
    named = {one for row in store.accounts.values() for one in editions_of(row.state)}

    assert (2, named) == (len(named), {*store.declared})


def test_an_event_of_nobody_is_of_no_person() -> None:
    """It counts for the account it names."""
    store = MemoryStore()
    run(store, msgspec.structs.replace(report(1), user=None))

    assert {"a:acme": 1} == held(store)
