"""Attribution: what somebody did before their account was known counts for it, and only once."""

from __future__ import annotations

import pytest

from fakes.attributing import MINUTE, loose, processed, reports, run
from fakes.events import HOUR, START, event, group, identify
from fakes.plans import plan_of
from pql.adapters.memory_store import MemoryStore
from pql.flows.wake import SETTLING, Waker


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


def test_a_lead_of_a_fold_is_of_the_account_it_is_folded_into() -> None:
    """Whatever account the call names that brings somebody: they belong where their user does."""
    store = MemoryStore()
    run(store, group("g", at=HOUR), event(1), event(2), loose(3, user=None, anonymous="x"))
    run(store, identify("i", at=1, account="globex", anonymous="x"))

    assert [("a:acme", "acme", "acme")] == [
        (one.lead.subject_key, one.lead.account_id, one.lead.title) for one in store.leads.values()
    ]


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


def test_who_goes_to_another_account_leaves_what_was_counted() -> None:
    """It was done for the former account."""
    store = MemoryStore()
    run(store, group("g", "old"), loose(1))
    run(store, group("h", "new", at=1), loose(1), loose(2, at=2))

    assert {"a:old": 1, "a:new": 1} == reports(store)


def test_a_call_that_teaches_nothing_new_moves_nothing() -> None:
    """Repeats of group and identify calls cost reads only."""
    store = MemoryStore()
    calls = [identify("i", anonymous="x"), group("g", at=1)]
    run(store, *calls)
    writes = store.writes
    run(store, *calls)

    assert writes == store.writes
