"""Reading items by their keys, until DynamoDB has answered for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from pql.adapters.outages import outages
from pql.core.errors import Unavailable

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
LIMIT = 100
ROUNDS = 8


def batch_get(
    client: Any, table: str, keys: Iterable[dict[str, Any]], pause: Callable[[float], None]
) -> Iterator[dict[str, Any]]:
    """Yield the items that exist of keys that differ, strongly consistent, a hundred a call.

    What DynamoDB leaves unprocessed is asked for again after a `pause`, in seconds, that grows; raises
    `Unavailable` after 8 rounds.
    """
    rest = iter(keys)
    while some := [*islice(rest, LIMIT)]:
        yield from _batch_get(client, table, some, pause)


def _batch_get(
    client: Any, table: str, keys: list[dict[str, Any]], pause: Callable[[float], None]
) -> Iterator[dict[str, Any]]:
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
