"""Editions of the rules, and origins of an account: one contract, in memory and on DynamoDB."""

from __future__ import annotations

import msgspec
import pytest

from fakes.changes import AFTER, BEFORE, LEAD, SUBJECT, USER, change, fold
from pql.core.account import TRANSACTION, Fold, Leave
from pql.core.edition import Edition
from pql.core.errors import Unwritable
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.flows.ports import Store

EDITION = Edition(0xFFFF_FFFF, {"keen": "0123456789ab", "quiet": "ba9876543210"})


def test_an_edition_is_found_by_its_id(store: Store) -> None:
    """However often it is declared; one that nobody declared is not."""
    for edition in (EDITION, Edition(7, {}), EDITION):
        store.declare(edition)

    assert {EDITION.id: EDITION, 7: Edition(7, {})} == store.editions([EDITION.id, 7, 8])
    assert {} == store.editions([])


def test_who_was_folded_with_leads_is_an_origin(store: Store) -> None:
    """In either half of a move; who had none is not, and a row has its origins alone."""
    store.teach(USER, BEFORE)
    bare = fold()
    traced = Fold(bare.fold.row, SUBJECT, bare.fold.change, has_leads=True) if bare.fold else None
    beside = Leave("v:x", Fold(msgspec.structs.replace(change().row, subject="v:x"), "p:ada", has_leads=True))
    store.move(msgspec.structs.replace(bare, fold=traced, beside=beside), [])
    other = Fold(msgspec.structs.replace(change().row, subject="n:y"), SUBJECT)
    store.move(
        msgspec.structs.replace(
            bare, key="n:y", member=msgspec.structs.replace(AFTER, version=0), left="n:y", fold=other
        ),
        [],
    )

    assert ([USER], ["v:x"], []) == tuple(store.origins(one) for one in (SUBJECT, "p:ada", USER))


def leads(many: int) -> list[Lead]:
    """Return so many leads of different cycles."""
    return [msgspec.structs.replace(LEAD, cycle=cycle) for cycle in range(1, many + 1)]


def test_more_than_a_transaction_takes_is_refused(store: Store) -> None:
    """By a commit and by a move, and nothing of it is written."""
    store.teach(USER, BEFORE)
    for write in (lambda: store.commit(change(), leads(TRANSACTION)), lambda: store.move(fold(), leads(98))):
        with pytest.raises(Unwritable):
            write()

    assert {} == store.rows([SUBJECT, USER])
    store.commit(change(), leads(TRANSACTION - 1))
    assert LeadKey(SUBJECT, LEAD.rule, 99) == leads(99)[-1].key
