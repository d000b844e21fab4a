"""Ids that were filed and members that were taught: one contract, in memory and on DynamoDB."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fakes.changes import SUBJECT, no_pause
from fakes.engines import TABLE
from pql.adapters.dynamo_store import DynamoStore
from pql.core.errors import Conflict
from pql.core.member import Member
from pql.flows.ports import Store


def test_filed_ids_are_found_in_their_buckets_only(store: Store) -> None:
    """Filing is idempotent and adds to what is there."""
    store.spill(SUBJECT, {"0.1.": [b"a" * 10, b"b" * 10]}, 2_000_000_000)
    store.spill(SUBJECT, {"0.1.": [b"b" * 10, b"c" * 10], "0.2.": [b"d" * 10]}, 2_000_000_000)
    seen = store.seen([(SUBJECT, "0.1."), (SUBJECT, "0.3."), ("a:other", "0.1.")])

    assert {(SUBJECT, "0.1."): {b"a" * 10, b"b" * 10, b"c" * 10}} == {
        place: set(ids) for place, ids in seen.items()
    }


def test_filed_ids_end_when_they_are_said_to(dynamodb: Any) -> None:
    """In seconds, as DynamoDB reads it; what is filed later ends later, with the whole bucket."""
    store = DynamoStore(dynamodb, TABLE, no_pause)
    for ends in (2_000_000_000, 2_000_000_001):
        store.spill(SUBJECT, {"0.1.": [b"a" * 10]}, ends)
    (item,) = dynamodb.scan(TableName=TABLE)["Items"]

    assert {"N": "2000000001"} == item["expires"]


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
