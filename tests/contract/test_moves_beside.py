"""A move that is one of a person, too: both places are left in one transaction, in memory and on DynamoDB."""

from __future__ import annotations

import pytest

from fakes.leads import northwind
from pql.core.account import Change, Fold, Leave, Move, Row
from pql.core.dedup import Ledger
from pql.core.errors import Conflict
from pql.core.member import Member
from pql.flows.ports import Store

LEDGER = Ledger(b"01234567abcd", 2, filed=True)
DEVICE, VISITOR, USER, PERSON = "n:x", "v:x", "u:ada", "p:ada"
LINKED = Member(user="ada", user_at=5)


@pytest.fixture
def store(store: Store) -> Store:
    """Return each kind of store, in which device and visitor have been counted."""
    for subject in (DEVICE, VISITOR):
        store.commit(written(subject), [])
    return store


def written(subject: str, version: int = 0, state: bytes = b"one") -> Change:
    """Return a change over a row at `version`."""
    return Change(Row(subject, version), state, LEDGER, {}, 7)


def link(visitor: int = 1, person: int = 0) -> Move:
    """Return the move by which a device becomes a user, over rows of the person at these versions."""
    user = Fold(Row(DEVICE, 1, b"one", LEDGER), USER, written(USER, 0, b"user"))
    beside = Fold(Row(VISITOR, visitor, b"one", LEDGER), PERSON, written(PERSON, person, b"person"))
    return Move(DEVICE, LINKED, {}, DEVICE, user, Leave(VISITOR, beside))


def test_both_rows_are_folded_with_the_member_and_the_leads(store: Store) -> None:
    """Each becomes a tombstone that says where everything went, and keeps its ids."""
    store.move(link(), [northwind(subject_key=PERSON)])

    assert {
        DEVICE: Row(DEVICE, 2, b"", LEDGER, moved=USER),
        VISITOR: Row(VISITOR, 2, b"", LEDGER, moved=PERSON),
        USER: Row(USER, 1, b"user", LEDGER),
        PERSON: Row(PERSON, 1, b"person", LEDGER),
    } == store.rows([DEVICE, VISITOR, USER, PERSON])
    assert "ada" == store.members([DEVICE])[DEVICE].user


@pytest.mark.parametrize("stale", [{"visitor": 0}, {"visitor": 2}, {"person": 1}])
def test_nothing_moves_if_either_row_of_the_person_has_changed(store: Store, stale: dict[str, int]) -> None:
    """Neither the member, nor what was counted elsewhere."""
    with pytest.raises(Conflict):
        store.move(link(**stale), [])

    assert {} == store.members([DEVICE])
    assert {DEVICE: 1, VISITOR: 1} == {
        key: row.version for key, row in store.rows([DEVICE, VISITOR, USER, PERSON]).items()
    }


def test_a_person_that_is_left_fences_out_whoever_still_counts_there(store: Store) -> None:
    """Whether there was a row or not, and it keeps what it has."""
    store.move(Move(DEVICE, LINKED, {}, "a:acme", None, Leave(VISITOR)), [])
    store.move(Move(USER, Member(account="acme"), {}, "a:old", None, Leave("p:nobody")), [])

    assert {VISITOR: Row(VISITOR, 2, b"one", LEDGER), "p:nobody": Row("p:nobody", 1)} == store.rows(
        [VISITOR, "p:nobody"]
    )
    for late in (written(VISITOR, 1), written("p:nobody")):
        with pytest.raises(Conflict):
            store.commit(late, [])
