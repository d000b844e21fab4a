"""Everything that was counted under a subject, from its seen buckets: for commands that people run."""

from __future__ import annotations

from typing import Any

from pql.adapters.dynamo_pages import pages
from pql.adapters.seen_items import SEEN, ids


class DynamoSeen:
    """The `Seen` port on one table."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def all_of(self, subject: str) -> set[bytes]:
        """Return the ids in all seen buckets of a subject, strongly consistent; raises `Unavailable`."""
        query = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :seen)",
            "ExpressionAttributeValues": {":pk": {"S": subject}, ":seen": {"S": SEEN}},
        }
        return {one for item in pages(self._client, query) for one in ids(item)}
