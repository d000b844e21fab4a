"""The packed account: small, and kind to other versions of the rules."""

from __future__ import annotations

import msgspec
import pytest

from fakes.events import DAY, event, group
from fakes.plans import plan_of
from pql.core.errors import NewerVersion
from pql.engine.layout import SCHEMA
from pql.engine.state import pack, unpack
from pql.engine.step import step

OLD = "signals: {a: {count: Report Created, within: 7d}}\nrules: {r: {when: {signal: a, at_least: 3}, title: t, reason: r}}"
NEW = "signals: {b: {count: Invite Sent}}\nrules: {s: {when: {signal: b, at_least: 1}, title: t, reason: r}}"
BOTH = """
signals: {a: {count: Report Created, within: 7d}, b: {count: Invite Sent}}
rules: {r: {when: {signal: a, at_least: 3}, title: t, reason: r}, s: {when: {signal: b, at_least: 1}, title: t, reason: r}}
"""


def test_fault_099_110_what_other_rules_remembered_survives_a_write_by_these() -> None:
    """Two versions of the rules that write in turn lose nothing of each other."""
    old, new = plan_of(OLD), plan_of(NEW)
    account = old.account("a:acme")
    for index in range(2):
        step(old, account, event(index, at=index * DAY))
    between = unpack(new, "a:acme", pack(old, account))
    step(new, between, event("i", "Invite Sent", at=3 * DAY))
    again = unpack(old, "a:acme", pack(new, between))

    fired = step(old, again, event(9, at=3 * DAY + 1))

    assert ["r"] == [one.rule.name for one in fired]
    assert [3, 1] == unpack(plan_of(BOTH), "a:acme", pack(old, again)).values[:2]


def test_what_nobody_has_used_for_ninety_days_is_dropped() -> None:
    """The memory of rules that are gone does not stay for ever."""
    old, new = plan_of(OLD), plan_of(NEW)
    account = old.account("a:acme")
    step(old, account, event(0))
    later = unpack(new, "a:acme", pack(old, account))
    step(new, later, event(1, "Invite Sent", at=91 * DAY))

    reread = unpack(new, "a:acme", pack(new, later))

    assert [] == reread.foreign


@pytest.mark.parametrize(("at", "is_kept"), [(91 * DAY, True), (92 * DAY, False)])
def test_the_ninety_days_begin_with_the_last_event_that_was_remembered(at: int, *, is_kept: bool) -> None:
    """And not when the other rules had it last: they had nothing new for two of these days."""
    old, new = plan_of(OLD), plan_of(NEW)
    account = old.account("a:acme")
    step(old, account, event(0, at=2 * DAY - 1))
    step(old, account, event("silent", "Other", at=4 * DAY))
    later = unpack(new, "a:acme", pack(old, account))
    step(new, later, event(1, "Invite Sent", at=at))

    assert is_kept is bool(unpack(new, "a:acme", pack(new, later)).foreign)


def test_what_left_its_window_while_it_was_carried_is_gone_when_it_is_taken_back() -> None:
    """No rule finds it holding at the moment of reading."""
    old, new = plan_of(OLD), plan_of(NEW)
    account = old.account("a:acme")
    step(old, account, event(0))
    step(old, account, event(1, at=DAY))
    later = unpack(new, "a:acme", pack(old, account))
    step(new, later, event(2, "Invite Sent", at=7 * DAY))

    assert [1] == unpack(old, "a:acme", pack(new, later)).values[:1]


def test_an_account_that_has_seen_nothing_has_not_met_the_rules_by_being_stored() -> None:
    """Its first event asks all of them, also those that do not look at it."""
    plan = plan_of(OLD.replace("at_least: 3", "at_most: 0"))
    account = plan.account("a:acme")
    read_again = unpack(plan, "a:acme", pack(plan, account))
    fired = [step(plan, one, event(0, "Other")) for one in (account, read_again)]

    assert [["r"], ["r"]] == [[one.rule.name for one in each] for each in fired]


def test_fault_110_state_of_a_newer_schema_is_left_alone() -> None:
    """Code that does not know a schema says so and does not guess."""
    newer = msgspec.msgpack.encode([SCHEMA + 1, "anything"])

    with pytest.raises(NewerVersion):
        unpack(plan_of(OLD), "a:acme", newer)


def test_a_typical_account_is_a_few_hundred_bytes() -> None:
    """Five people over five days, by twelve signals and five rules, stay near half a write unit."""
    plan = plan_of()
    account = plan.account("a:acme")
    step(plan, account, group("g", name="Northwind Traders", plan="trial"))
    for index in range(40):
        user = f"usr_{index % 5:08d}"
        step(
            plan,
            account,
            event(index, at=index * DAY // 8, user=user, properties={"amount": index, "format": "pdf"}),
        )

    assert len(pack(plan, account)) <= 560
