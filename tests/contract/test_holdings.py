"""What erases from a store: each write on its condition, and what was erased ends by itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fakes import engines
from fakes.changes import AFTER, BEFORE, LEAD, LEDGER, SUBJECT, USER, change, no_pause
from fakes.memory_holdings import MemoryHoldings
from pql.adapters.dynamo_holdings import DynamoHoldings
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Fold, Move, Row
from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.core.lead_state import Life
from pql.core.member import Member
from pql.flows.holdings import Holdings
from pql.flows.ports import Store

ENDS = 2_000_000_000


@pytest.fixture
def holdings(dynamodb: Any) -> DynamoHoldings:
    """Return the holdings of an empty table."""
    return DynamoHoldings(dynamodb, engines.TABLE, no_pause)


@pytest.fixture
def store(dynamodb: Any) -> DynamoStore:
    """Return the store on the same table."""
    return DynamoStore(dynamodb, engines.TABLE, no_pause)


@pytest.fixture(params=["memory", *engines.ENGINES])
def both(request: pytest.FixtureRequest) -> tuple[Store, Holdings]:
    """Return each kind of store, empty, and what erases from it."""
    if request.param == "memory":
        memory = MemoryStore()
        return memory, MemoryHoldings(memory)
    client = request.getfixturevalue(request.param)
    return DynamoStore(client, engines.TABLE, no_pause), DynamoHoldings(client, engines.TABLE, no_pause)


def told(holdings: Holdings) -> list[tuple[str, str, bool]]:
    """Return every item by its kind and key, and whether it ends."""
    return sorted((held.kind, held.key, held.ends) for held in holdings.everything())


def item(dynamodb: Any, pk: str, sk: str) -> dict[str, Any]:
    """Return an item as it is stored."""
    found: dict[str, Any] = dynamodb.get_item(
        TableName=engines.TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
    ).get("Item", {})
    return found


def test_everything_is_told_by_its_kind(both: tuple[Store, Holdings]) -> None:
    """Members, rows, leads and ids, whether they end or not, and whose leads are somebody else's too."""
    store, holdings = both
    store.commit(change(), [LEAD])
    store.commit(change(subject=USER), [])
    store.teach(USER, BEFORE)
    store.spill(SUBJECT, {"0.1.": {b"0123456789"}}, ENDS)
    leave = Fold(Row(USER, 1), SUBJECT, change(1, b"both"), has_leads=True)
    store.move(Move(USER, AFTER, {}, USER, leave), [])

    assert [
        ("lead", SUBJECT, False),
        ("member", USER, False),
        ("origin", SUBJECT, False),
        ("row", SUBJECT, False),
        ("row", USER, False),
        ("seen", SUBJECT, True),
    ] == told(holdings)
    assert [USER] == [held.origin for held in holdings.everything() if held.kind == "origin"]


def test_what_nobody_knows_is_told_as_that(holdings: DynamoHoldings, dynamodb: Any) -> None:
    """An item that no code of ours has written, and a lead that nobody can read."""
    for sk in ("y", "lead#busy#1"):
        dynamodb.put_item(TableName=engines.TABLE, Item={"pk": {"S": "x"}, "sk": {"S": sk}})

    assert [("lead", "x", False), ("other", "x", False)] == told(holdings)
    assert [None, None] == [held.what for held in holdings.everything()]
    assert [None, LeadKey("x", "busy", 1)] == sorted((held.lead for held in holdings.everything()), key=bool)


def test_of_a_row_whose_ids_cannot_be_read_the_rest_goes(holdings: DynamoHoldings, dynamodb: Any) -> None:
    """It has a version and may be part of another as any row; its ids are left as they are."""
    ledger = {"B": b"\xc1"}
    row = {"v": {"N": "7"}, "state": {"B": b"counted"}, "ledger": ledger, "moved": {"S": "a:acme"}}
    dynamodb.put_item(TableName=engines.TABLE, Item={"pk": {"S": SUBJECT}, "sk": {"S": "state"}, **row})
    (held,) = holdings.everything()
    assert Row(SUBJECT, 7, newer=True, moved="a:acme") == held.what == holdings.row(SUBJECT)

    holdings.blank(held.what, ENDS)
    left = item(dynamodb, SUBJECT, "state")
    assert {"v": {"N": "8"}, "ledger": ledger, "expires": {"N": str(ENDS)}} == {
        name: value for name, value in left.items() if name not in ("pk", "sk")
    }


def test_what_was_erased_ends_until_it_is_written_again(both: tuple[Store, Holdings]) -> None:
    """A row that is counted in again stays, and a member who is taught again."""
    store, holdings = both
    store.commit(change(), [])
    store.teach(USER, Member(account="acme"))
    holdings.blank(Row(SUBJECT, 1, b"", LEDGER), ENDS)
    holdings.put_member(USER, Member(1), None, ENDS)
    erased = told(holdings)
    row = holdings.row(SUBJECT)
    store.commit(change(2), [])
    counted = told(holdings)
    store.teach(USER, Member(2, account="acme"))

    assert Row(SUBJECT, 2, b"", LEDGER) == row
    assert [("member", USER, True), ("row", SUBJECT, True)] == erased
    assert [("member", USER, True), ("row", SUBJECT, False)] == counted
    assert [("member", USER, False), ("row", SUBJECT, False)] == told(holdings)


def test_a_member_who_is_written_to_stay_stays(both: tuple[Store, Holdings]) -> None:
    """A whole member takes the place of one that ends."""
    store, holdings = both
    store.teach(USER, Member(account="acme"))
    holdings.put_member(USER, Member(1), None, ENDS)
    holdings.put_member(USER, Member(2), None, None)

    assert [("member", USER, False)] == told(holdings)


def test_a_blank_row_keeps_its_ids_and_ends(
    holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any
) -> None:
    """Until it is counted in again: then it stays."""
    store.commit(change(wake=5), [])
    holdings.blank(store.rows([SUBJECT])[SUBJECT], ENDS)
    blank = item(dynamodb, SUBJECT, "state")

    assert {"pk", "sk", "v", "ledger", "expires"} == set(blank)
    assert str(ENDS) == blank["expires"]["N"]
    assert Row(SUBJECT, 2, b"", LEDGER) == holdings.row(SUBJECT)

    store.commit(change(2, wake=7), [])
    assert "expires" not in item(dynamodb, SUBJECT, "state")


def test_who_is_parted_keeps_all_but_whom_they_were_part_of(
    holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any
) -> None:
    """Ids, and what has been counted since."""
    store.commit(change(wake=5), [])
    before = item(dynamodb, SUBJECT, "state")
    dynamodb.put_item(TableName=engines.TABLE, Item={**before, "moved": {"S": "a:globex"}})
    row = store.rows([SUBJECT])[SUBJECT]
    holdings.part(row)

    assert "a:globex" == row.moved
    assert {**before, "v": {"N": "2"}} == item(dynamodb, SUBJECT, "state")


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


def test_who_is_too_late_erases_nothing(both: tuple[Store, Holdings]) -> None:
    """Rows and members that somebody else has written since are read again."""
    store, holdings = both
    store.commit(change(), [])
    store.teach(USER, Member(account="acme"))
    old = Row(SUBJECT, 7)

    for write in (
        lambda: holdings.blank(old, ENDS),
        lambda: holdings.part(old),
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


def test_a_lead_is_rewritten_and_deleted(both: tuple[Store, Holdings]) -> None:
    """Of a lead that is gone nobody is told."""
    store, holdings = both
    store.commit(change(), [LEAD])
    holdings.rewrite_lead(LEAD.key, lambda lead: msgspec.structs.replace(lead, people=[]))
    record = holdings.lead(LEAD.key)

    assert record is not None
    assert msgspec.structs.replace(LEAD, people=[]) == record.lead
    for _ in range(2):
        holdings.delete_lead(LEAD.key)
    holdings.rewrite_lead(LEAD.key, lambda lead: lead)
    assert holdings.lead(LEAD.key) is None


def test_why_a_lead_was_dismissed_is_rewritten(
    holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any
) -> None:
    """On condition that it says what was read; of a lead that is gone nothing comes back."""
    store.commit(change(), [LEAD])
    with pytest.raises(Conflict):
        holdings.rewrite_reason(LEAD.key, "Ada said no", "[erased] said no")
    dismissed = Life("dismissed", "kim", reason="Ada said no", changed=5, answered=5)
    DynamoLeads(dynamodb, engines.TABLE).change(LEAD.key, Life(), dismissed)
    holdings.rewrite_reason(LEAD.key, "Ada said no", "[erased] said no")
    record = holdings.lead(LEAD.key)

    assert record is not None
    assert LEAD == record.lead
    assert msgspec.structs.replace(dismissed, reason="[erased] said no") == record.standing
    holdings.delete_lead(LEAD.key)
    with pytest.raises(Conflict):
        holdings.rewrite_reason(LEAD.key, "[erased] said no", "Ada said no")
    assert holdings.lead(LEAD.key) is None


def test_whatever_was_made_of_a_lead_stays(
    holdings: DynamoHoldings, store: DynamoStore, dynamodb: Any
) -> None:
    """Only what it says is written anew."""
    store.commit(change(), [LEAD])
    before = item(dynamodb, SUBJECT, f"lead#{LEAD.rule}#{LEAD.cycle}")
    holdings.rewrite_lead(LEAD.key, lambda lead: msgspec.structs.replace(lead, people=[]))
    after = item(dynamodb, SUBJECT, f"lead#{LEAD.rule}#{LEAD.cycle}")

    assert ["lead"] == [name for name in after if after[name] != before.get(name)]


def test_a_lead_that_changed_while_it_was_rewritten_is_left_as_it_is(
    holdings: DynamoHoldings, store: DynamoStore
) -> None:
    """Whoever rewrites it reads it again: nothing that somebody else took out comes back."""
    store.commit(change(), [LEAD])

    def late(lead: Lead) -> Lead:
        holdings.rewrite_lead(LEAD.key, lambda one: msgspec.structs.replace(one, people=[]))
        return msgspec.structs.replace(lead, title="another")

    with pytest.raises(Conflict):
        holdings.rewrite_lead(LEAD.key, late)
    record = holdings.lead(LEAD.key)
    assert record is not None
    assert msgspec.structs.replace(LEAD, people=[]) == record.lead


def test_leads_of_a_silent_store_stand_as_published(dynamodb: Any) -> None:
    """Neither the stream's reader nor the sweep announces what a replay has made."""
    DynamoStore(dynamodb, engines.TABLE, no_pause, published=5).commit(change(), [LEAD])
    made = item(dynamodb, SUBJECT, f"lead#{LEAD.rule}#{LEAD.cycle}")

    assert ("5", "published") == (made["published"]["N"], made["outbox"]["S"])


def test_an_origin_is_forgotten_alone(both: tuple[Store, Holdings]) -> None:
    """Others of the same subject stay; once more is once."""
    store, holdings = both
    for version, origin in enumerate((USER, "n:x")):
        fold = Fold(Row(origin), SUBJECT, change(version, b"both"), has_leads=True)
        store.move(Move(origin, Member(account="acme"), {}, origin, fold), [])
    for _ in range(2):
        holdings.delete_origin(SUBJECT, USER)

    assert ["n:x"] == store.origins(SUBJECT)
