"""What DynamoDB can answer, and what the store makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import msgspec
import pytest
from botocore.stub import ANY, Stubber

from fakes.changes import LEAD, SUBJECT, change, no_pause
from fakes.engines import TABLE
from pql.adapters.dynamo_backlog import DynamoBacklog
from pql.adapters.dynamo_holdings import DynamoHoldings
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_rebuild import Rebuild
from pql.adapters.dynamo_seen import DynamoSeen
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.dynamo_watch import DynamoWatch
from pql.core.account import Row
from pql.core.errors import Conflict, LeadExists, Unavailable, Unwritable
from pql.core.member import Member
from pql.core.override import Overrides

Answer = Callable[[Stubber], None]


def stubbed(prepare: Answer) -> tuple[DynamoStore, Stubber]:
    """Return a store whose client gives prepared answers only."""
    client, stubber = stubbed_client(prepare)
    return DynamoStore(client, TABLE, no_pause), stubber


def stubbed_client(prepare: Answer) -> tuple[Any, Stubber]:
    """Return a client that gives prepared answers only."""
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    stubber = Stubber(client)
    prepare(stubber)
    stubber.activate()
    return client, stubber


def test_fault_057_unprocessed_keys_are_asked_for_again() -> None:
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


def test_fault_057_keys_that_stay_unprocessed_are_an_outage() -> None:
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


class Asked:
    """A client that finds nothing, and keeps what each read asks for."""

    def __init__(self) -> None:
        self.reads: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        def read(**params: Any) -> dict[str, Any]:
            self.reads.append(params.get("RequestItems", {}).get(TABLE, params))
            return {"Items": [], "Responses": {}}

        return read


def test_fault_059_every_read_that_a_write_rests_on_is_strongly_consistent() -> None:
    """Of accounts, leads, what waits and what is remembered: a stale one is taken for what is so."""
    client = Asked()
    store, leads, backlog = (
        DynamoStore(client, TABLE, no_pause),
        DynamoLeads(client, TABLE),
        DynamoBacklog(client, TABLE, lambda: 0.0),
    )
    store.rows([SUBJECT])
    store.members([SUBJECT])
    store.seen([(SUBJECT, "0.1.")])
    store.origins(SUBJECT)
    store.editions([1])
    leads.lead(LEAD.key)
    leads.records([LEAD.key])
    list(leads.of(SUBJECT))
    backlog.look("slack", 1)
    backlog.every()
    DynamoOverrides(client, TABLE, no_pause).overrides()
    DynamoWatch(client, TABLE).memo()
    list(holdings(client).everything())
    holdings(client).rewrite_lead(LEAD.key, lambda lead: lead)
    DynamoSeen(client, TABLE).all_of(SUBJECT)
    Rebuild(client, TABLE).is_on()

    assert [True] * 16 == [one.get("ConsistentRead") for one in client.reads]


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
def test_fault_055_056_068_every_answer_to_a_commit_has_its_reaction(
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


@pytest.mark.parametrize("code", ["InternalServerError", "ServiceUnavailable", "ThrottlingException"])
@pytest.mark.parametrize(
    ("call", "write"),
    [
        ("update_item", lambda client: DynamoOverrides(client, TABLE, no_pause).override(Overrides(1))),
        ("update_item", lambda client: holdings(client).blank(Row(SUBJECT, 1), 5)),
        ("update_item", lambda client: holdings(client).rewrite(Row(SUBJECT, 1), b"less")),
        ("put_item", lambda client: holdings(client).put_member("u:ada", Member(1), None, 5)),
        ("transact_write_items", lambda client: holdings(client).put_member("u:ada", Member(1), SUBJECT, 5)),
    ],
    ids=["override", "blank", "rewrite", "member", "member and row"],
)
def test_an_unknown_outcome_of_any_conditional_write_is_a_conflict(
    call: str, write: Callable[[Any], None], code: str
) -> None:
    """Whoever erases or shadows a rule reads again and tries again, as whoever counts does."""
    client, stubber = stubbed_client(lambda stub: stub.add_client_error(call, code, http_status_code=500))

    with pytest.raises(Conflict):
        write(client)
    stubber.assert_no_pending_responses()


def holdings(client: Any) -> DynamoHoldings:
    """Return what erases."""
    return DynamoHoldings(client, TABLE, no_pause)


def test_fault_061_an_item_beyond_400_kb_is_refused_by_itself(dynamodb: Any) -> None:
    """It is a fault of this row, and no outage of the table."""
    with pytest.raises(Unwritable):
        DynamoStore(dynamodb, TABLE, no_pause).commit(change(state=b"x" * 410_000), [])


@pytest.mark.parametrize(
    "ledger", [msgspec.msgpack.encode([2, "as it will be"]), b"\xc1", b"", msgspec.msgpack.encode(7)]
)
def test_fault_110_a_row_that_this_deployment_cannot_read_says_so(dynamodb: Any, ledger: bytes) -> None:
    """Of a newer one, or damaged: it is read as far as that, so that the rows beside it are read as well."""
    store = DynamoStore(dynamodb, TABLE, no_pause)
    store.commit(change(), [])
    dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": SUBJECT}, "sk": {"S": "state"}},
        UpdateExpression="SET ledger = :ledger",
        ExpressionAttributeValues={":ledger": {"B": ledger}},
    )

    assert store.rows([SUBJECT])[SUBJECT].newer
