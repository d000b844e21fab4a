"""Attribution: what somebody did before their account was known counts for it, and only once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.interrupted_store import InterruptedStore
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Move, Row
from pql.core.errors import Conflict
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.core.member import Member
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.count import Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.flows.wake import SETTLING, Waker

PLAN = plan_of(
    """
signals: {reports: {count: Report Created}}
rules: {busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}}
"""
)
MINUTE = 60_000


def run(store: Any, *events: Event) -> Outcome:
    """Process events as one message."""
    return processed(store, PLAN, *events)


def processed(store: Any, plan: Plan, *events: Event) -> Outcome:
    """Process events as one message by these rules."""
    counter = Counter(store, plan, 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=7 * DAY, pause=lambda _: None
    )
    return processor.process([("m", _encoded(events))], "batch", START, lambda: 60.0)


def _encoded(events: Sequence[Event]) -> str:
    return msgspec.json.encode({"v": 1, "events": events}).decode()


def reports(store: MemoryStore) -> dict[str, int]:
    """Return how many reports were counted under each subject that has any."""
    held = {key: unpack(PLAN, key, row.state).values[0] for key, row in store.accounts.items()}
    return {key: value for key, value in held.items() if isinstance(value, int) and value}


def loose(key: object, at: int = 0, user: str | None = "ada", anonymous: str | None = None) -> Event:
    """Return a report that names no account."""
    return event(key, at=at, account=None, user=user, anonymous=anonymous)


def test_the_first_account_takes_what_its_user_has_done() -> None:
    """The row of the user stays behind, empty, and says where everything went."""
    store = MemoryStore()
    run(store, loose(1), loose(2))
    run(store, group("g", at=1))

    assert {"a:acme": 2} == reports(store)
    assert (b"", "a:acme") == (store.accounts["u:ada"].state, store.accounts["u:ada"].moved)


def test_somebody_of_whom_nothing_was_counted_changes_no_account() -> None:
    """What arrived before the call that names them is counted first, and time passes by what arrives."""
    store = MemoryStore()
    rules = """
signals: {lately: {count: Report Created, within: 90m}}
rules: {quiet: {when: {signal: lately, less_than: 2}, cooldown: 1h, title: t, reason: r}}
"""
    plan = plan_of(rules)
    processed(store, plan, event(1, at=0), event(2, at=15 * MINUTE))
    processed(store, plan, event(3, at=16 * MINUTE), group("g", at=90 * MINUTE))

    assert [("quiet", 1)] == [(key.rule, key.cycle) for key in store.leads]


def test_a_lead_that_the_fold_makes_comes_of_the_group_call() -> None:
    """It stands in the same transaction, with the names of its people."""
    store = MemoryStore()
    call = group("g", at=3)
    run(store, identify("i", name="Ada"), loose(1), loose(2), event(3))
    run(store, call)
    (record,) = store.leads.values()

    assert ("a:acme", call.id, ["Ada"]) == (
        record.lead.subject_key,
        record.lead.event_id,
        [person.name for person in record.lead.people],
    )


def test_one_fact_makes_one_lead_however_it_is_cut() -> None:
    """Who qualified as a visitor is not told of again as a user, nor as the account."""
    told = [loose(i, user=None, anonymous="x") for i in range(3)]
    told += [identify("i", at=1, anonymous="x"), group("g", at=2)]
    ends = []
    for cut in range(len(told) + 1):
        store = MemoryStore()
        run(store, *told[:cut])
        run(store, *told[cut:])
        ends.append([*store.leads])
    alone = [LeadKey("a:acme", "busy", 1)]

    assert [alone, alone, alone, [LeadKey("n:x", "busy", 1)], [LeadKey("u:ada", "busy", 1)], alone] == ends


def test_a_lead_of_a_fold_is_of_the_account_it_is_folded_into() -> None:
    """Whatever account the call names that brings somebody: they belong where their user does."""
    store = MemoryStore()
    run(store, group("g", at=HOUR), event(1), event(2), loose(3, user=None, anonymous="x"))
    run(store, identify("i", at=1, account="globex", anonymous="x"))

    assert [("a:acme", "acme", "acme")] == [
        (one.lead.subject_key, one.lead.account_id, one.lead.title) for one in store.leads.values()
    ]


def test_whoever_becomes_a_user_who_moves_meanwhile_ends_where_the_user_does() -> None:
    """Between any two calls of the call that tells it."""
    ends = []
    for at in range(16):
        memory = MemoryStore()
        run(memory, loose(1, user=None, anonymous="x"), loose(2, at=1))
        job = {at: lambda memory=memory: run(memory, group("g", at=2))}
        store = InterruptedStore(memory, job)
        run(store, identify("i", at=3, anonymous="x"))
        store.rest()
        ends.append(reports(memory))

    assert [{"a:acme": 2}] * len(ends) == ends


@pytest.mark.parametrize("delayed", [False, True], ids=["call is the newest", "call was on its way"])
def test_what_time_had_made_true_of_either_is_made_before_they_are_one(*, delayed: bool) -> None:
    """However many leads, each of its moment with what held then, as if a sweep had come just before."""
    hourly = plan_of(
        """
signals: {reports: {count: Report Created}}
rules:
  hourly:
    when: {signal: reports, at_least: 1}
    cooldown: 1h
    requalify: {after: 1h}
    title: "{reports}"
    reason: r
"""
    )
    ends, now = [], 250 * HOUR + HOUR // 2
    for swept in (False, True):
        store = MemoryStore()
        told = [event(1, user="ada"), loose(2, user="bob"), loose(3, user="bob", at=1)]
        processed(
            store, hourly, *told, *([event(4, "Other", account=None, user="bob", at=now)] if delayed else [])
        )
        for _ in range(5 if swept else 0):
            Waker(store, hourly).run(START + 250 * HOUR + SETTLING, lambda: 60_000)
        processed(store, hourly, group("g", user="bob", at=HOUR if delayed else now))
        ends.append({key: (one.lead.created, one.lead.title) for key, one in store.leads.items()})

    assert (ends[0], 2 * 251) == (ends[1], len(ends[0]))
    assert {"1", "2"} == {title for _, title in ends[0].values()}


def test_a_lead_of_the_fold_that_stands_already_is_adopted() -> None:
    """After a partial restore the fold goes on and makes no second lead."""
    store = MemoryStore()
    run(store, *(event(i) for i in range(3)))
    del store.accounts["a:acme"]
    run(store, *(loose(10 + i, user="bob") for i in range(3)))
    run(store, group("g", user="bob", at=1))

    assert ({"a:acme": 3}, 2) == (reports(store), len(store.leads))


def test_an_anonymous_visitor_becomes_a_user_and_then_part_of_an_account() -> None:
    """What was done before signing in counts first for the user, then for the account."""
    store = MemoryStore()
    run(store, loose(1, user=None, anonymous="x"))
    run(store, identify("i", anonymous="x", at=1))
    between = reports(store)
    run(store, group("g", at=2))
    copies = run(store, loose(1, user=None, anonymous="x"))

    assert ({"u:ada": 1}, {"a:acme": 1}) == (between, reports(store))
    assert 1 == copies.counts["EventsRepeated"]


def test_who_goes_to_another_account_leaves_what_was_counted() -> None:
    """It was done for the former account."""
    store = MemoryStore()
    run(store, group("g", "old"), loose(1))
    run(store, group("h", "new", at=1), loose(1), loose(2, at=2))

    assert {"a:old": 1, "a:new": 1} == reports(store)


def test_a_device_that_changes_hands_takes_nothing_along() -> None:
    """What its former user did on it stays with that user."""
    store = MemoryStore()
    run(store, identify("i", "ada", anonymous="x"), loose(1, user=None, anonymous="x"))
    run(store, identify("j", "bob", anonymous="x", at=1))
    run(store, loose(1, user=None, anonymous="x"), loose(2, user=None, anonymous="x"))

    assert {"u:ada": 1, "u:bob": 1} == reports(store)


def test_a_user_inherits_the_account_of_the_device_they_signed_in_on() -> None:
    """A group call may come before anybody is known; later ones of the device speak of the user."""
    store = MemoryStore()
    device = {"user": None, "anonymous": "x"}
    run(store, event("g", kind="group", account="acme", **device), loose(1, **device))
    run(store, identify("i", anonymous="x", at=1), loose(2))
    inherited = store.people["u:ada"].account
    run(store, event("h", kind="group", at=2, account="globex", **device), loose(3))

    assert ("acme", "globex") == (inherited, store.people["u:ada"].account)
    assert {"a:acme": 2, "a:globex": 1} == reports(store)


def test_what_a_device_says_beside_the_call_that_names_its_user_is_said_of_the_user() -> None:
    """In one batch, where nobody has read yet whose device it is."""
    store = MemoryStore()
    device = {"user": None, "anonymous": "x"}
    joins = event("g", kind="group", account="acme", at=1, **device)
    run(store, identify("i", anonymous="x"), joins, loose(1, at=2))

    assert ("acme", {"a:acme": 1}) == (store.people["u:ada"].account, reports(store))


def test_what_a_device_tells_of_its_user_is_told_again_where_it_cannot_be_learned() -> None:
    """The call names the device alone, and the member that others keep winning is the user."""

    class Contended(MemoryStore):
        def move(self, move: Move, leads: Sequence[Lead]) -> None:
            raise Conflict("somebody else")

    store = Contended()
    store.people["n:x"] = Member(1, user="ada")
    outcome = run(store, event("g", kind="group", account="acme", user=None, anonymous="x"))

    assert (["m"], {"conflict"}) == (outcome.failed, {fault.code for _, fault in outcome.faults})


def test_a_call_that_teaches_nothing_new_moves_nothing() -> None:
    """Repeats of group and identify calls cost reads only."""
    store = MemoryStore()
    calls = [identify("i", anonymous="x"), group("g", at=1)]
    run(store, *calls)
    writes = store.writes
    run(store, *calls)

    assert writes == store.writes


def test_the_newest_of_calls_to_two_accounts_wins_within_the_hour() -> None:
    """In one batch always, and between batches for whoever has been in two places before."""
    together, apart = MemoryStore(), MemoryStore()
    calls = [group(1, "acme", at=0), group(2, "acme", at=40 * MINUTE), group(3, "globex", at=20 * MINUTE)]
    run(together, *calls)
    run(apart, group(0, "initech", at=-HOUR))
    for call in calls:
        run(apart, call)

    assert ["acme", "acme"] == [store.people["u:ada"].account for store in (together, apart)]


def test_a_link_that_somebody_else_wrote_meanwhile_is_left_with_all_its_subjects() -> None:
    """After a conflict the users behind the member are read again as well."""

    class Overtaken(MemoryStore):
        def move(self, move: Move, leads: Sequence[Lead]) -> None:
            if move.key == "n:x" and move.member.user == "bob" and not move.member.former:
                super().teach("u:ada", Member(account="acme", former=("a:old",)))
                super().teach("n:x", Member(user="ada"))
                raise Conflict("overtaken")
            super().move(move, leads)

    store = Overtaken()
    run(store, identify("i", "bob", anonymous="x"))

    assert ("bob", ("a:acme", "a:old", "u:ada")) == (store.people["n:x"].user, store.people["n:x"].former)


def test_a_device_does_not_change_hands_on_stale_knowledge_of_its_former_user() -> None:
    """What its user did elsewhere a moment ago is looked up as well."""

    class Overtaken(MemoryStore):
        overtaken = False

        def move(self, move: Move, leads: Sequence[Lead]) -> None:
            if move.key == "n:x" and not self.overtaken:
                self.overtaken = True
                run(self, group("h", "new", at=1))
            super().move(move, leads)

    store = Overtaken()
    run(store, group("g", "old"))
    store.teach("n:x", Member(user="ada"))
    run(store, identify("i", "bob", anonymous="x", at=1))

    assert ("bob", ("a:new", "a:old", "u:ada")) == (store.people["n:x"].user, store.people["n:x"].former)


def test_everybody_of_a_batch_is_looked_up_again() -> None:
    """Also who stands behind somebody else of the account: a copy may be counted where they have gone."""
    ends = set()
    for at in itertools.count():
        store = MemoryStore()
        run(store, group("g"), group("h", user="bob"))
        mine, theirs = loose(1), loose(2, user="bob")

        def leave(store: MemoryStore = store, theirs: Event = theirs) -> None:
            run(store, group("i", "globex", "bob", at=1), theirs)

        interrupted = InterruptedStore(store, {at: leave})
        while run(interrupted, mine, theirs).failed:
            pass
        came = not interrupted.jobs
        interrupted.rest()
        ends.add(sum(reports(store).values()))
        if not came:
            break

    assert {2} == ends


def test_a_row_of_a_newer_deployment_is_not_folded() -> None:
    """The call comes again, and nothing was taught."""
    store = MemoryStore()
    store.accounts["u:ada"] = Row("u:ada", 1, newer=True)
    outcome = run(store, group("g"))

    assert (["m"], ["newer_version"], {}) == (
        outcome.failed,
        [fault.code for _, fault in outcome.faults],
        store.people,
    )


X = loose("x", user=None, anonymous="x")
U = loose("u")
# What was there before, the calls that move somebody, and the event whose copies race with them.
RACES = {
    "first account": ([], group("g", at=1), U),
    "first account, counted before": ([loose(1)], group("g", at=1), U),
    "another account": ([group("g", "old")], group("h", "acme", at=1), U),
    "device becomes a user": ([], identify("i", anonymous="x", at=1), X),
    "device becomes a user of an account": ([group("g")], identify("i", anonymous="x", at=1), X),
    "device changes hands": (
        [group("g"), identify("i", anonymous="x")],
        identify("j", "bob", anonymous="x", at=1),
        X,
    ),
    "device changes hands in one account": (
        [group("g"), group("h", user="bob"), identify("i", anonymous="x")],
        identify("j", "bob", anonymous="x", at=1),
        X,
    ),
    "user of the device goes elsewhere": (
        [group("g", "old"), identify("i", anonymous="x")],
        group("h", "acme", at=1),
        X,
    ),
}


@pytest.mark.parametrize("name", RACES)
def test_fault_034_a_copy_that_races_with_a_move_is_counted_once(name: str) -> None:
    """Whoever is overtaken by whom, at whatever call: two copies and the lesson between or around them."""
    before, lesson, copied = RACES[name]
    ends = set()
    orders = ([lesson, copied, copied], [copied, lesson, copied], [copied, copied, lesson])
    for jobs, nested in itertools.product(orders, (False, True)):
        for at in itertools.count():
            for then in itertools.count():
                store = MemoryStore()
                for one in before:
                    run(store, one)
                came = _interleaved(store, jobs, (at, then), nested=nested)
                ends.add(sum(reports(store).values()))
                if not came[1]:
                    break
            if not came[0]:
                break

    assert {1 + sum(one.type == "track" for one in before)} == ends


def _interleaved(
    store: MemoryStore, jobs: Sequence[Event], at: tuple[int, int], *, nested: bool
) -> tuple[bool, bool]:
    """Process the first job, interrupted at a call by the second, and that or the first by the third.

    Return whether the call of each interruption came: at any later one the end would be the same.
    """
    first, second, third = jobs
    came = [True, True]

    def last() -> None:
        _until_done(store, third)

    inner = InterruptedStore(store, {at[1]: last} if nested else {})

    def middle() -> None:
        _until_done(inner, second)
        if nested:
            came[1] = not inner.jobs
        inner.rest()

    more = {} if nested else {at[0] + 1 + at[1]: last}
    outer = InterruptedStore(store, {at[0]: middle, **more})
    _until_done(outer, first)
    came[0] = at[0] not in outer.jobs
    if not nested:
        came[1] = at[0] + 1 + at[1] not in outer.jobs
    outer.rest()
    return came[0], came[1]


def _until_done(store: Any, one: Event) -> None:
    while run(store, one).failed:
        pass
