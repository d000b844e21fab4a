"""Whose leads are also those of a subject, as items: one for each subject that was folded into it."""

from __future__ import annotations

from typing import Any

from pql.adapters.dynamo_items import Item

ORIGIN = "from#"


def origin_update(into: str, left: str) -> dict[str, Any]:
    """Return the update that remembers whose leads are also those of the subject they were folded into."""
    return {
        "Key": {"pk": {"S": into}, "sk": {"S": ORIGIN + left}},
        "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }


def origins_asked(subject: str) -> dict[str, Any]:
    """Return what a query for the origins of a subject asks."""
    return {
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :origin)",
        "ExpressionAttributeValues": {":pk": {"S": subject}, ":origin": {"S": ORIGIN}},
    }


def origin(item: Item) -> str:
    """Return the subject that was folded."""
    return str(item["sk"]["S"]).removeprefix(ORIGIN)
