"""All that the table keeps of one subject: for people who look at it, no function reads so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from pql.adapters import member_items, origin_items, row_items, seen_items
from pql.adapters.dynamo_pages import PAGE, pages
from pql.adapters.outages import outages
from pql.core.account import Row
from pql.core.keys import LeadKey
from pql.core.lead_item import PREFIX, lead_key
from pql.core.member import Member

# A hot account has tens of thousands of buckets; nobody waits for all of them to learn that they are many.
MOST_BUCKETS = 20 * PAGE


class Kept(NamedTuple):
    """What the table keeps of a subject; `size` are the bytes of its row, as DynamoDB counts them.

    `scores` and `touched` (epoch ms) are what was last written beside the packed state, `expires` (epoch
    seconds) is when an erased row ends. `buckets` tells how many ids are filed in each, of `MOST_BUCKETS` at
    most, and `has_more` that there are others. `origins` are the subjects that were folded into this one.
    """

    subject: str
    row: Row | None
    size: int
    scores: Mapping[str, float]
    touched: int | None
    expires: int | None
    member: Member | None
    buckets: Mapping[str, int]
    has_more: bool
    origins: list[str]
    leads: list[LeadKey]


def kept(client: Any, table: str, subject: str) -> Kept:
    """Return what the table keeps of a subject, strongly consistent but for its buckets.

    Raises `Unavailable`, and `Poison` for a lead under a key that is none.
    """
    row = _item(client, table, subject, row_items.STATE)
    member = _item(client, table, subject, member_items.MEMBER)
    seen = _beginning(client, table, subject, seen_items.SEEN, consistent=False)
    buckets = {
        seen_items.bucket_of(one["sk"]["S"]): len(seen_items.ids(one)) for one in islice(seen, MOST_BUCKETS)
    }
    leads = _beginning(client, table, subject, PREFIX, only="pk, sk")
    return Kept(
        subject=subject,
        row=row_items.row(subject, row) if row else None,
        size=size(row) if row else 0,
        scores={name: float(one["N"]) for name, one in row.get("scores", {"M": {}})["M"].items()},
        touched=int(row["touched"]["N"]) if "touched" in row else None,
        expires=int(row["expires"]["N"]) if "expires" in row else None,
        member=member_items.member(member) if member else None,
        buckets=buckets,
        has_more=next(seen, None) is not None,
        origins=[origin_items.origin(one) for one in _beginning(client, table, subject, origin_items.ORIGIN)],
        leads=[lead_key(one["pk"]["S"], one["sk"]["S"]) for one in leads],
    )


def size(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item as DynamoDB charges for them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _bytes(value) for name, value in item.items())


def _bytes(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    if kind == "S":
        return len(inner.encode())
    if kind == "N":
        digits = inner.strip("-").replace(".", "").strip("0")
        return (len(digits) + 1) // 2 + 1 + bool(inner.startswith("-"))
    if kind == "B":
        return len(bytes(inner))
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _bytes(one) for name, one in inner.items())
    return 1  # null and booleans; a row has no lists and no sets


def _item(client: Any, table: str, subject: str, sk: str) -> dict[str, Any]:
    with outages("DynamoDB"):
        key = {"pk": {"S": subject}, "sk": {"S": sk}}
        found: dict[str, Any] = client.get_item(TableName=table, Key=key, ConsistentRead=True)
    item: dict[str, Any] = found.get("Item", {})
    return item


def _beginning(
    client: Any, table: str, subject: str, prefix: str, *, only: str = "", consistent: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield the items of a subject whose sort keys begin so."""
    query: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": {":pk": {"S": subject}, ":prefix": {"S": prefix}},
        "ConsistentRead": consistent,
    }
    return pages(client, {**query, "ProjectionExpression": only} if only else query)
