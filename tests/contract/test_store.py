"""The store: one contract, in memory and on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import msgspec
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from fakes.leads import northwind
from pql.adapters import dynamo_items
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_pages import PAGE
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_outbox import MemoryOutbox
from pql.adapters.memory_store import MemoryStore
from pql.core.account import WAKE_SHARDS, Change, Fold, Move, Row, wake_shard
from pql.core.dedup import Ledger
from pql.core.errors import Conflict, LeadExists, Unavailable, Unwritable
from pql.core.member import Member
from pql.flows.ports import Outbox, Store

TABLE = "pql"
LEDGER = Ledger(b"0123456789abcd", 2, filed=True)
LEAD = northwind()
SUBJECT = LEAD.key.subject


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a DynamoDB that has the table."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in (("pk", "S"), ("sk", "S"), ("wakes", "S"), ("wake", "N"))
            ],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "wake",
                    "KeySchema": _keys("wakes", "wake"),
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        yield client


def _keys(first: str, second: str) -> list[dict[str, str]]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]


def no_pause(_: float) -> None:
    """Wait for nothing."""


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> tuple[Store, Outbox]:
    """Return each kind of store, empty, with the outbox over its leads."""
    if request.param == "memory":
        memory = MemoryStore()
        return memory, MemoryOutbox(memory.leads)
    client = request.getfixturevalue("dynamodb")
    return DynamoStore(client, TABLE, no_pause), DynamoOutbox(client, TABLE)


@pytest.fixture
def store(stores: tuple[Store, Outbox]) -> Store:
    """Return each kind of store, empty."""
    return stores[0]


def change(
    version: int = 0,
    state: bytes = b"\x00packed\xff",
    subject: str = SUBJECT,
    before: int | None = None,
    wake: int | None = None,
) -> Change:
    """Return a change over a row at `version`, which moves its wake from `before` to `wake`."""
    row = Row(subject, version, wake=before)
    return Change(row, state, LEDGER, {"activation": 40.5}, 1_735_689_600_000, wake)


def test_a_row_that_was_never_written_does_not_exist(store: Store) -> None:
    """What is not there is absent from the answer."""
    assert {} == store.rows([SUBJECT])


def test_a_committed_row_reads_back_at_the_next_version(store: Store) -> None:
    """State and ledger come back byte for byte."""
    store.commit(change(), [])

    assert {SUBJECT: Row(SUBJECT, 1, b"\x00packed\xff", LEDGER)} == store.rows([SUBJECT, "a:nobody"])


def test_only_one_of_two_writers_at_the_same_version_wins(store: Store) -> None:
    """The second is told, and has changed nothing: at birth and later."""
    for version in (0, 1):
        store.commit(change(version, b"first"), [])
        with pytest.raises(Conflict):
            store.commit(change(version, b"second"), [])

    assert Row(SUBJECT, 2, b"first", LEDGER) == store.rows([SUBJECT])[SUBJECT]


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


def waiting(store: Store, until: int = 1 << 40) -> list[tuple[int, str]]:
    """Return who is due in any shard."""
    return sorted(one for shard in range(WAKE_SHARDS) for one in store.waking(until, shard))


def test_an_account_waits_in_one_shard_until_it_is_due(store: Store) -> None:
    """It is found from the very second on, and its row says so as well."""
    store.commit(change(wake=5), [])

    assert ([], [(5, SUBJECT)]) == (waiting(store, 4), list(store.waking(5, wake_shard(SUBJECT))))
    assert 5 == store.rows([SUBJECT])[SUBJECT].wake
    assert [(5, SUBJECT)] == waiting(store)


def test_a_wake_stays_until_somebody_moves_it(store: Store) -> None:
    """Commits keep it, move it, or take it away."""
    store.commit(change(wake=9), [])
    found = []
    for version, (before, wake) in enumerate([(9, 9), (9, 4), (4, None), (None, None), (None, 7)], 1):
        store.commit(change(version, before=before, wake=wake), [])
        found.append((store.rows([SUBJECT])[SUBJECT].wake, waiting(store)))

    assert [
        (9, [(9, SUBJECT)]),
        (4, [(4, SUBJECT)]),
        (None, []),
        (None, []),
        (7, [(7, SUBJECT)]),
    ] == found


def test_a_commit_that_keeps_its_wake_does_not_write_it() -> None:
    """An update that names an attribute of the index would pay for the index."""
    kept = dynamo_items.state_update(change(1, before=9, wake=9))

    assert "wake" not in str(kept)


def test_who_sleeps_longest_is_found_first_over_many_pages(store: Store) -> None:
    """A shard is read in the order of time, as far as somebody wants to read."""
    same = [subject for i in range(9 * PAGE) if wake_shard(subject := f"a:{i}") == 3][: PAGE + 5]
    for wake, subject in enumerate(reversed(same)):
        store.commit(change(subject=subject, wake=wake), [])

    assert same[::-1] == [subject for _, subject in store.waking(PAGE + 5, 3)]
    assert (0, same[-1]) == next(iter(store.waking(PAGE + 5, 3)))


def test_a_postponed_account_changes_in_nothing_else(store: Store) -> None:
    """Its wake is another, or none, at the next version; the rest is as it was."""
    store.commit(change(wake=5), [])
    store.postpone(Row(SUBJECT, 1, wake=5), 8)
    later = store.rows([SUBJECT])[SUBJECT]
    store.postpone(later, None)

    assert Row(SUBJECT, 2, b"\x00packed\xff", LEDGER, wake=8) == later
    assert (Row(SUBJECT, 3, b"\x00packed\xff", LEDGER), []) == (
        store.rows([SUBJECT])[SUBJECT],
        waiting(store),
    )


def test_nobody_is_postponed_whom_somebody_else_has_written(store: Store) -> None:
    """Who writes meanwhile may have found an earlier moment; and a commit after it reads again."""
    store.commit(change(wake=5), [])
    with pytest.raises(Conflict):
        store.postpone(Row(SUBJECT, 2, wake=5), 8)
    store.postpone(Row(SUBJECT, 1, wake=5), 8)
    with pytest.raises(Conflict):
        store.commit(change(1, before=5, wake=5), [])

    assert [(8, SUBJECT)] == waiting(store)


def test_a_tombstone_sleeps_for_ever(store: Store) -> None:
    """What it waited for, the account waits for that it was folded into; who is only left still waits."""
    store.teach(USER, BEFORE)
    store.commit(change(subject=USER, wake=5), [])
    store.commit(change(subject="a:globex", wake=6), [])
    store.move(Move(USER, AFTER, {}, USER, Fold(Row(USER, 1, wake=5), SUBJECT, change(wake=4))), [])
    store.move(Move("n:x", Member(user="ada"), {}, "a:globex"), [])

    assert [(4, SUBJECT), (6, "a:globex")] == waiting(store)
    assert {None} == {store.rows([USER])[USER].wake}


def test_filed_ids_are_found_in_their_buckets_only(store: Store) -> None:
    """Filing is idempotent and adds to what is there."""
    store.spill(SUBJECT, {"0.1.": [b"a" * 10, b"b" * 10]}, 2_000_000_000)
    store.spill(SUBJECT, {"0.1.": [b"b" * 10, b"c" * 10], "0.2.": [b"d" * 10]}, 2_000_000_000)
    seen = store.seen([(SUBJECT, "0.1."), (SUBJECT, "0.3."), ("a:other", "0.1.")])

    assert {(SUBJECT, "0.1."): {b"a" * 10, b"b" * 10, b"c" * 10}} == {
        place: set(ids) for place, ids in seen.items()
    }


def test_a_member_reads_back_as_it_was_taught(store: Store) -> None:
    """Everything that was learned is kept; what was not learned is nothing."""
    full = Member(0, "acme", 5, ("globex", "initech"), "ada", 6, "Ada", "ada@acme.test", 7)
    store.teach("u:ada", full)
    store.teach("n:x", Member())

    assert {"u:ada": msgspec.structs.replace(full, version=1), "n:x": Member(1)} == store.members(
        ["u:ada", "n:x", "u:y"]
    )


def test_a_member_changed_by_somebody_else_is_not_overwritten(store: Store) -> None:
    """Teaching is conditional on the version that was read."""
    store.teach("u:ada", Member(account="acme"))
    for version in (0, 2):
        with pytest.raises(Conflict):
            store.teach("u:ada", Member(version, account="globex"))

    assert "acme" == store.members(["u:ada"])["u:ada"].account


BEFORE = Member(account="globex")
AFTER = Member(1, "acme", 5, ("a:globex",))
USER = "u:ada"


def fold(left: int = 0, into: int = 0) -> Move:
    """Return the move of a user into the account, over rows at these versions."""
    return Move(USER, AFTER, {}, USER, Fold(Row(USER, left), SUBJECT, change(into, b"both")))


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


def test_more_keys_than_one_call_takes_are_all_read(store: Store) -> None:
    """A hundred keys a call is the limit of DynamoDB, not of the store."""
    for index in range(0, 250, 50):
        store.commit(change(subject=f"a:{index}"), [])

    assert {f"a:{index}" for index in range(0, 250, 50)} == set(
        store.rows([f"a:{index}" for index in range(250)])
    )


Answer = Callable[[Stubber], None]


def stubbed(prepare: Answer) -> tuple[DynamoStore, Stubber]:
    """Return a store whose client gives prepared answers only."""
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    stubber = Stubber(client)
    prepare(stubber)
    stubber.activate()
    return DynamoStore(client, TABLE, no_pause), stubber


def test_unprocessed_keys_are_asked_for_again() -> None:
    """Unprocessed is not absent."""
    key = {"pk": {"S": "u:ada"}, "sk": {"S": "member"}}
    item = {**key, "v": {"N": "3"}, "account": {"S": "acme"}}

    def prepare(stub: Stubber) -> None:
        asked = {"RequestItems": {TABLE: {"Keys": [key], "ConsistentRead": True}}}
        stub.add_response(
            "batch_get_item", {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]}, asked
        )
        stub.add_response("batch_get_item", {"Responses": {TABLE: [item]}, "UnprocessedKeys": {}}, asked)

    store, stubber = stubbed(prepare)

    assert {"u:ada": Member(3, "acme")} == store.members(["u:ada"])
    stubber.assert_no_pending_responses()


def test_keys_that_stay_unprocessed_are_an_outage() -> None:
    """A read that cannot be finished is not an empty one."""
    key = {"pk": {"S": "u:ada"}, "sk": {"S": "member"}}

    def prepare(stub: Stubber) -> None:
        for _ in range(8):
            stub.add_response(
                "batch_get_item",
                {"Responses": {}, "UnprocessedKeys": {TABLE: {"Keys": [key]}}},
                {"RequestItems": ANY},
            )

    store, _ = stubbed(prepare)

    with pytest.raises(Unavailable):
        store.members(["u:ada"])


CANCELED = "TransactionCanceledException"


@pytest.mark.parametrize(
    ("code", "reasons", "error"),
    [
        (CANCELED, ["ConditionalCheckFailed", "None"], Conflict),
        (CANCELED, ["ConditionalCheckFailed", "ConditionalCheckFailed"], Conflict),
        (CANCELED, ["None", "ConditionalCheckFailed"], LeadExists),
        (CANCELED, ["TransactionConflict", "None"], Conflict),
        (CANCELED, ["ValidationError", "None"], Unwritable),
        (CANCELED, ["ThrottlingError", "None"], Conflict),
        ("ProvisionedThroughputExceededException", [], Conflict),
        ("InternalServerError", [], Conflict),
        ("AccessDeniedException", [], Unavailable),
        ("ValidationException", [], Unwritable),
        ("ResourceNotFoundException", [], Unavailable),
    ],
)
def test_every_answer_to_a_commit_has_its_reaction(
    code: str, reasons: list[str], error: type[Exception]
) -> None:
    """Read again, adopt the lead, or wait for somebody to repair what is broken."""

    def prepare(stub: Stubber) -> None:
        details = {"CancellationReasons": [{"Code": reason} for reason in reasons]} if reasons else {}
        stub.add_client_error("transact_write_items", code, modeled_fields=details)

    store, _ = stubbed(prepare)

    with pytest.raises(error) as raised:
        store.commit(change(), [LEAD])
    assert error is type(raised.value)


def test_an_item_beyond_400_kb_is_refused_by_itself(dynamodb: Any) -> None:
    """It is a fault of this row, and no outage of the table."""
    with pytest.raises(Unwritable):
        DynamoStore(dynamodb, TABLE, no_pause).commit(change(state=b"x" * 410_000), [])


def test_a_row_of_a_newer_deployment_says_so(dynamodb: Any) -> None:
    """It is read as far as that, so that the rows beside it are read as well."""
    store = DynamoStore(dynamodb, TABLE, no_pause)
    store.commit(change(), [])
    dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": SUBJECT}, "sk": {"S": "state"}},
        UpdateExpression="SET ledger = :ledger",
        ExpressionAttributeValues={":ledger": {"B": msgspec.msgpack.encode([2, "as it will be"])}},
    )

    assert store.rows([SUBJECT])[SUBJECT].newer
