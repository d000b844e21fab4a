"""Reading items by their keys, until DynamoDB has answered for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pql.adapters.outages import outages
from pql.core.errors import Unavailable

ROUNDS = 8


def batch_get(
    client: Any, table: str, keys: list[dict[str, Any]], pause: Callable[[float], None]
) -> Iterator[dict[str, Any]]:
    """Yield the items that exist of at most 100 keys, strongly consistent.

    What DynamoDB leaves unprocessed is asked for again after a `pause`, in seconds, that grows; raises
    `Unavailable` after 8 rounds.
    """
    request = {table: {"Keys": keys, "ConsistentRead": True}}
    for attempt in range(ROUNDS):
        with outages("DynamoDB"):
            answer = client.batch_get_item(RequestItems=request)
        yield from answer["Responses"].get(table, [])
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return
        pause(0.02 * 2**attempt)
    raise Unavailable("DynamoDB: keys stayed unprocessed")
