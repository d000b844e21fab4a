"""Reading a table or an index page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pql.adapters.outages import outages

PAGE = 100


def pages(client: Any, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the items a query finds, a hundred a page, for whoever may want only the first.

    Raises `Unavailable`.
    """
    return every(client.query, {**query, "Limit": PAGE})


def every(call: Callable[..., Any], request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the items that a query or a scan finds, in pages as large as they come.

    The next page is read when somebody wants it. Raises `Unavailable`.
    """
    start: dict[str, Any] = {}
    while True:
        with outages("DynamoDB"):
            page = call(**request, **start)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
