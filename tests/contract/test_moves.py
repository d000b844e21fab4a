"""Who moves from one place to another: one contract, in memory and on DynamoDB."""

from __future__ import annotations

import msgspec
import pytest

from fakes.changes import AFTER, BEFORE, LEAD, LEDGER, SUBJECT, USER, change, fold
from pql.core.account import Fold, Move, Row
from pql.core.errors import Conflict, LeadExists
from pql.core.member import Member
from pql.flows.ports import Outbox, Store


def test_a_move_without_a_fold_raises_the_version_and_leaves_the_rest(store: Store) -> None:
    """Also of a row that does not exist: whoever read it as absent must fail."""
    store.teach(USER, BEFORE)
    store.commit(change(subject="a:globex"), [])
    store.move(Move(USER, AFTER, {}, "a:globex"), [])
    store.move(Move("n:x", Member(user="ada"), {USER: 2, "u:nobody": 0}, "a:empty"), [])

    assert msgspec.structs.replace(AFTER, version=2) == store.members([USER])[USER]
    assert {
        "a:globex": Row("a:globex", 2, b"\x00packed\xff", LEDGER),
        "a:empty": Row("a:empty", 1),
    } == store.rows(["a:globex", "a:empty"])
    with pytest.raises(Conflict):
        store.commit(change(subject="a:empty"), [])


def test_a_fold_leaves_a_tombstone_that_keeps_its_ids(stores: tuple[Store, Outbox]) -> None:
    """Member, both rows and the lead are one atom."""
    store, outbox = stores
    store.teach(USER, BEFORE)
    store.commit(change(subject=USER), [])
    store.move(fold(left=1), [LEAD])

    assert {
        USER: Row(USER, 2, b"", LEDGER, moved=SUBJECT),
        SUBJECT: Row(SUBJECT, 1, b"both", LEDGER),
    } == store.rows([USER, SUBJECT])
    assert "acme" == store.members([USER])[USER].account
    assert outbox.lead(LEAD.key) is not None


def test_a_tombstone_stands_where_nothing_was(store: Store) -> None:
    """A slow worker that read the row as absent must not create it."""
    store.teach(USER, BEFORE)
    store.move(Move(USER, AFTER, {}, USER, Fold(Row(USER), SUBJECT)), [])

    assert {USER: Row(USER, 1, moved=SUBJECT)} == store.rows([USER, SUBJECT])
    with pytest.raises(Conflict):
        store.commit(change(subject=USER), [])


def test_a_tombstone_that_is_written_again_counts_on(store: Store) -> None:
    """After a partial restore its row may be used again, and folded again."""
    store.teach(USER, BEFORE)
    store.move(Move(USER, AFTER, {}, USER, Fold(Row(USER), SUBJECT)), [])
    (row,) = store.rows([USER]).values()
    store.commit(msgspec.structs.replace(change(), row=row), [])

    assert {USER: Row(USER, 2, b"\x00packed\xff", LEDGER, moved=SUBJECT)} == store.rows([USER])


@pytest.mark.parametrize(
    "move",
    [
        fold(left=0, into=1),
        fold(left=1, into=0),
        msgspec.structs.replace(fold(1, 1), member=Member(0, "acme")),
        msgspec.structs.replace(fold(1, 1), basis={"u:bob": 2}),
        msgspec.structs.replace(fold(1, 1), basis={"u:bob": 0}),
        msgspec.structs.replace(fold(1, 1), basis={"u:nobody": 1}),
    ],
    ids=["left row", "target row", "member", "other member", "other member is there", "other member is not"],
)
def test_a_move_that_anything_has_overtaken_writes_nothing(stores: tuple[Store, Outbox], move: Move) -> None:
    """Whatever it rests on: a conflict, and no lead either."""
    store, outbox = stores
    store.teach(USER, BEFORE)
    store.teach("u:bob", Member())
    store.commit(change(subject=USER), [])
    store.commit(change(), [])
    before = store.rows([USER, SUBJECT]), store.members([USER])
    with pytest.raises(Conflict) as conflict:
        store.move(move, [LEAD])

    assert not isinstance(conflict.value, LeadExists)
    assert before == (store.rows([USER, SUBJECT]), store.members([USER]))
    assert outbox.lead(LEAD.key) is None


def test_a_lead_of_a_fold_that_stands_already_is_named(store: Store) -> None:
    """It can be adopted as that of a commit can."""
    store.teach(USER, BEFORE)
    store.commit(change(), [LEAD])
    with pytest.raises(LeadExists) as standing:
        store.move(fold(left=0, into=1), [LEAD])

    assert frozenset([LEAD.key]) == standing.value.keys
