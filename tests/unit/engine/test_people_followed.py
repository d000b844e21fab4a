"""Whom an account follows: in whatever order events arrive, and however long an id is."""

from __future__ import annotations

import pytest

from fakes.events import HOUR, START, event
from fakes.plans import plan_of
from pql.core.aggregates import distinct
from pql.engine.account import PEOPLE_KEPT, PERSON_ID_LIMIT
from pql.engine.state import pack, unpack
from pql.engine.step import step

LONG = "x" * (PERSON_ID_LIMIT + 1)
QUIET = """
signals: {reports: {count: Report Created}}
rules: {r: {when: {signal: reports, at_least: 1}, title: t, reason: r}}
"""


@pytest.mark.parametrize("person", ["ada", LONG])
def test_a_person_was_there_last_at_their_newest_event(person: str) -> None:
    """An older one that comes later counts and changes nothing of it; only so much of an id is kept."""
    plan = plan_of()
    account = plan.account("a:acme")
    for at in (2 * HOUR, HOUR):
        step(plan, account, event(at, at=at, user=person))

    followed = {name: (one.events, one.last) for name, one in account.people.items()}
    assert {person[:PERSON_ID_LIMIT]: (2, START + 2 * HOUR)} == followed


def test_who_was_there_last_is_known_from_the_account_that_is_read() -> None:
    """Also by an event that no signal listens to: an older one that comes later is older all the same."""
    plan = plan_of(QUIET)
    account = plan.account("a:acme")
    for at in (5 * HOUR, 3 * HOUR):
        account = unpack(plan, "a:acme", pack(plan, account))
        step(plan, account, event(at, "Other", at=at))

    assert START + 5 * HOUR == account.people["ada"].last


def test_a_long_id_among_a_crowd_is_followed_by_its_beginning() -> None:
    """What hashes low enough is what is kept of it, whatever all of it hashes to."""
    beginning = min((f"{i:0{PERSON_ID_LIMIT}}" for i in range(100)), key=distinct.hashed)
    long = max((beginning + str(i) for i in range(100)), key=distinct.hashed)
    plan = plan_of(QUIET)
    account = plan.account("a:acme")
    for index, user in enumerate([long, *map(str, range(40)), long]):
        step(plan, account, event(index, "Other", at=index, user=user))

    assert distinct.hashed(beginning) < account.ceiling < distinct.hashed(long)
    assert 2 == account.people[beginning].events


def test_whoever_hashes_above_all_who_are_followed_is_not_looked_at_again() -> None:
    """The ceiling lies no higher than that: a crowd costs a comparison each."""
    plan = plan_of(QUIET)
    account = plan.account("a:acme")
    for index in range(60):
        step(plan, account, event(index, "Other", at=index, user=str(index)))
        lowest = sorted(distinct.hashed(str(user)) for user in range(index + 1))[:PEOPLE_KEPT]
        assert sorted(one.hash for one in account.people.values()) == lowest
        assert index < PEOPLE_KEPT or lowest[-1] == account.ceiling


def test_the_hashes_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In number, and in length: a worker lives for days and producers choose the ids."""
    monkeypatch.setattr(distinct, "HASHES", {})
    monkeypatch.setattr(distinct, "HASHES_KEPT", 8)
    found = [distinct.hash_of(who) for who in [*map(str, range(100)), LONG * 2]]

    assert [distinct.hashed(who) for who in [*map(str, range(100)), LONG * 2]] == found
    assert len(distinct.HASHES) <= 8
    assert LONG * 2 not in distinct.HASHES
