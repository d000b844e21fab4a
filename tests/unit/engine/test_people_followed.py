"""Whom an account follows: in whatever order events arrive, and however long an id is."""

from __future__ import annotations

import pytest

from fakes.events import HOUR, START, event
from fakes.plans import plan_of
from pql.core.aggregates import distinct
from pql.engine.account import PERSON_ID_LIMIT
from pql.engine.step import step

LONG = "x" * (PERSON_ID_LIMIT + 1)


@pytest.mark.parametrize("person", ["ada", LONG])
def test_a_person_was_there_last_at_their_newest_event(person: str) -> None:
    """An older one that comes later counts and changes nothing of it; only so much of an id is kept."""
    plan = plan_of()
    account = plan.account("a:acme")
    for at in (2 * HOUR, HOUR):
        step(plan, account, event(at, at=at, user=person))

    followed = {name: (one.events, one.last) for name, one in account.people.items()}
    assert {person[:PERSON_ID_LIMIT]: (2, START + 2 * HOUR)} == followed


def test_the_hashes_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In number, and in length: a worker lives for days and producers choose the ids."""
    monkeypatch.setattr(distinct, "HASHES", {})
    monkeypatch.setattr(distinct, "HASHES_KEPT", 8)
    found = [distinct.hash_of(who) for who in [*map(str, range(100)), LONG * 2]]

    assert [distinct.hashed(who) for who in [*map(str, range(100)), LONG * 2]] == found
    assert len(distinct.HASHES) <= 8
    assert LONG * 2 not in distinct.HASHES
