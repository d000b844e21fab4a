"""Account rows and the leads that are born with them: one contract, in memory and on DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from fakes.changes import LEAD, LEDGER, SUBJECT, change, no_pause
from fakes.engines import ENGINES, TABLE
from pql.adapters.dynamo_store import DynamoStore
from pql.core.account import Row
from pql.core.errors import Conflict, LeadExists
from pql.flows.ports import Outbox, Store


def test_a_row_that_was_never_written_does_not_exist(store: Store) -> None:
    """What is not there is absent from the answer."""
    assert {} == store.rows([SUBJECT])


def test_a_committed_row_reads_back_at_the_next_version(store: Store) -> None:
    """State and ledger come back byte for byte."""
    store.commit(change(), [])

    assert {SUBJECT: Row(SUBJECT, 1, b"\x00packed\xff", LEDGER)} == store.rows([SUBJECT, "a:nobody"])


def test_fault_034_only_one_of_two_writers_at_the_same_version_wins(store: Store) -> None:
    """The second is told, and has changed nothing: at birth and later."""
    for version in (0, 1):
        store.commit(change(version, b"first"), [])
        with pytest.raises(Conflict):
            store.commit(change(version, b"second"), [])

    assert Row(SUBJECT, 2, b"first", LEDGER) == store.rows([SUBJECT])[SUBJECT]


# moto is not safe for threads: two writers can win there.
@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "moto"])
def test_fault_034_053_of_eight_writers_at_once_one_wins(engine: str, request: pytest.FixtureRequest) -> None:
    """At birth and later, over many rounds: the condition is judged where the item lies."""
    store = DynamoStore(request.getfixturevalue(engine), TABLE, no_pause)

    def won(version: int) -> bool:
        try:
            store.commit(change(version), [])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as writers:
        winners = [sum(writers.map(won, [version] * 8)) for version in range(25)]

    assert [1] * 25 == winners
    assert 25 == store.rows([SUBJECT])[SUBJECT].version


def test_a_row_and_its_leads_are_one_atom(stores: tuple[Store, Outbox]) -> None:
    """Both are there after a commit, and the lead waits for its announcement."""
    store, outbox = stores
    store.commit(change(), [LEAD])
    record = outbox.lead(LEAD.key)

    assert 1 == store.rows([SUBJECT])[SUBJECT].version
    assert record is not None
    assert (LEAD, None, {}) == (record.lead, record.published, record.sent)


def test_a_lost_condition_writes_no_lead(stores: tuple[Store, Outbox]) -> None:
    """A worker that comes late leaves no lead behind."""
    store, outbox = stores
    store.commit(change(), [])
    with pytest.raises(Conflict) as conflict:
        store.commit(change(), [LEAD])

    assert not isinstance(conflict.value, LeadExists)
    assert outbox.lead(LEAD.key) is None


def test_a_lead_that_stands_already_is_named_and_nothing_is_written(store: Store) -> None:
    """The worker learns which lead to adopt."""
    other = msgspec.structs.replace(LEAD, rule="another")
    store.commit(change(), [LEAD])
    with pytest.raises(LeadExists) as standing:
        store.commit(change(1, b"more"), [other, LEAD])

    assert frozenset([LEAD.key]) == standing.value.keys
    assert 1 == store.rows([SUBJECT])[SUBJECT].version


def test_more_keys_than_one_call_takes_are_all_read(store: Store) -> None:
    """A hundred keys a call is the limit of DynamoDB, not of the store."""
    for index in range(0, 250, 50):
        store.commit(change(subject=f"a:{index}"), [])

    assert {f"a:{index}" for index in range(0, 250, 50)} == set(
        store.rows([f"a:{index}" for index in range(250)])
    )
