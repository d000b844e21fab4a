"""Reading an index page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pql.adapters.outages import outages

PAGE = 100


def pages(client: Any, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the items a query finds; the next page is read when somebody wants it.

    Raises `Unavailable`.
    """
    start: dict[str, Any] = {}
    while True:
        with outages("DynamoDB"):
            page = client.query(**query, **start, Limit=PAGE)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
