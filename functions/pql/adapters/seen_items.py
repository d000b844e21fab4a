"""The ids that have left a row, as items: a set for each bucket."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pql.adapters.dynamo_items import Item

SEEN = "seen#"


def seen_key(bucket: str) -> str:
    """Return the sort key of a seen bucket."""
    return SEEN + bucket


def bucket_of(sk: str) -> str:
    """Return the bucket that `seen_key` named."""
    return sk.removeprefix(SEEN)


def ids(item: Item) -> frozenset[bytes]:
    """Return the ids in a seen item."""
    return frozenset(bytes(one) for one in item["ids"]["BS"])


def seen_update(subject: str, bucket: str, ids: Collection[bytes], expires: int) -> dict[str, Any]:
    """Return the update that adds ids to a bucket."""
    return {
        "Key": {"pk": {"S": subject}, "sk": {"S": seen_key(bucket)}},
        "UpdateExpression": "ADD ids :ids SET expires = :expires",
        "ExpressionAttributeValues": {":ids": {"BS": sorted(ids)}, ":expires": {"N": str(expires)}},
    }
