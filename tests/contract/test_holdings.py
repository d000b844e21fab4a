"""What erases from a table: each write on its condition, and what was erased ends by itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fakes import engines
from fakes.changes import LEAD, LEDGER, SUBJECT, USER, change, no_pause
from pql.adapters import dynamo_items
from pql.adapters.dynamo_holdings import DynamoHoldings
from pql.adapters.dynamo_store import DynamoStore
from pql.core.account import Row
from pql.core.errors import Conflict
from pql.core.member import Member

ENDS = 2_000_000_000


@pytest.fixture
def holdings(dynamodb: Any) -> DynamoHoldings:
    """Return the holdings of an empty table."""
    return DynamoHoldings(dynamodb, engines.TABLE, no_pause)


@pytest.fixture
def store(dynamodb: Any) -> DynamoStore:
    """Return the store on the same table."""
    return DynamoStore(dynamodb, engines.TABLE, no_pause)


def item(dynamodb: Any, pk: str, sk: str) -> dict[str, Any]:
    """Return an item as it is stored."""
    found: dict[str, Any] = dynamodb.get_item(
        TableName=engines.TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
    ).get("Item", {})
    return found


def test_everything_is_told_by_its_kind(holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any) -> None:
    """Members, rows, leads, ids and what nobody knows, whether they end or not."""
    store.commit(change(), [LEAD])
    store.teach(USER, Member(account="acme", name="Ada"))
    store.spill(SUBJECT, {"0.1.": {b"0123456789"}}, ENDS)
    dynamodb.put_item(TableName=engines.TABLE, Item={"pk": {"S": "x"}, "sk": {"S": "y"}})
    dynamodb.update_item(TableName=engines.TABLE, **dynamo_items.origin_update(SUBJECT, USER))

    found = sorted((held.kind, held.key, held.ends) for held in holdings.everything())
    assert [
        ("lead", SUBJECT, False),
        ("member", USER, False),
        ("origin", SUBJECT, False),
        ("other", "x", False),
        ("row", SUBJECT, False),
        ("seen", SUBJECT, True),
    ] == found


def test_a_blank_row_keeps_its_ids_and_ends(
    holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any
) -> None:
    """Until it is counted in again: then it stays."""
    store.commit(change(wake=5), [])
    holdings.blank(store.rows([SUBJECT])[SUBJECT], ENDS)
    blank = item(dynamodb, SUBJECT, "state")

    assert {"pk", "sk", "v", "ledger", "expires"} == set(blank)
    assert Row(SUBJECT, 2, b"", LEDGER) == holdings.row(SUBJECT)

    store.commit(change(2, wake=7), [])
    assert "expires" not in item(dynamodb, SUBJECT, "state")


def test_a_blank_row_stays_when_its_wake_is_gone(
    holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any
) -> None:
    """The update that takes a wake away takes the end away with it."""
    store.commit(change(wake=5), [])
    row = store.rows([SUBJECT])[SUBJECT]
    dynamodb.update_item(
        TableName=engines.TABLE,
        Key={"pk": {"S": SUBJECT}, "sk": {"S": "state"}},
        UpdateExpression="SET expires = :e",
        ExpressionAttributeValues={":e": {"N": str(ENDS)}},
    )
    store.commit(change(row.version, before=5), [])

    assert set() == {"expires", "wake", "wakes"} & set(item(dynamodb, SUBJECT, "state"))


def test_who_is_too_late_erases_nothing(holdings: DynamoHoldings, store: DynamoStore) -> None:
    """Rows and members that somebody else has written since are read again."""
    store.commit(change(), [])
    store.teach(USER, Member(account="acme"))
    old = Row(SUBJECT, 7)

    for write in (
        lambda: holdings.blank(old, ENDS),
        lambda: holdings.rewrite(old, b"less"),
        lambda: holdings.put_member(USER, Member(7), None, ENDS),
        lambda: holdings.put_member(USER, Member(7), SUBJECT, ENDS),
    ):
        with pytest.raises(Conflict):
            write()
    assert 1 == store.rows([SUBJECT])[SUBJECT].version


def test_a_member_is_written_whole_with_the_version_of_what_it_leaves(
    holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any
) -> None:
    """A name that is not in it any more is gone; who is taught again stays."""
    store.commit(change(), [])
    store.teach(USER, Member(account="acme", name="Ada", email="ada@acme.example"))
    holdings.put_member(USER, Member(1, former=(SUBJECT,)), SUBJECT, ENDS)

    assert {"name", "email", "account"}.isdisjoint(item(dynamodb, USER, "member"))
    assert str(ENDS) == item(dynamodb, USER, "member")["expires"]["N"]
    assert 2 == store.rows([SUBJECT])[SUBJECT].version

    store.teach(USER, Member(2, account="acme"))
    assert "expires" not in item(dynamodb, USER, "member")


def test_a_lead_is_rewritten_and_deleted(holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any) -> None:
    """Whatever has been made of it stays; a lead that is gone is nobody's fault."""
    store.commit(change(), [LEAD])
    holdings.rewrite_lead(LEAD.key, lambda lead: msgspec.structs.replace(lead, people=[]))
    before = item(dynamodb, SUBJECT, f"lead#{LEAD.rule}#{LEAD.cycle}")
    record = holdings.lead(LEAD.key)

    assert record is not None
    assert ([], {"M": {}}) == (record.lead.people, before["sent"])
    for _ in range(2):
        holdings.delete_lead(LEAD.key)
    holdings.rewrite_lead(LEAD.key, lambda lead: lead)
    assert holdings.lead(LEAD.key) is None


def test_leads_of_a_silent_store_stand_as_published(dynamodb: Any) -> None:
    """Neither the stream's reader nor the sweep announces what a replay has made."""
    DynamoStore(dynamodb, engines.TABLE, no_pause, published=5).commit(change(), [LEAD])
    made = item(dynamodb, SUBJECT, f"lead#{LEAD.rule}#{LEAD.cycle}")

    assert ("5", "published") == (made["published"]["N"], made["outbox"]["S"])


def test_an_origin_is_forgotten_alone(holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any) -> None:
    """Others of the same subject stay; once more is once."""
    for origin in (USER, "n:x"):
        dynamodb.update_item(TableName=engines.TABLE, **dynamo_items.origin_update(SUBJECT, origin))
    for _ in range(2):
        holdings.delete_origin(SUBJECT, USER)

    assert ["n:x"] == store.origins(SUBJECT)
