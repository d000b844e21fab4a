"""Every account of a table, page by page: for commands that people run."""

from __future__ import annotations

import json
from typing import Any

from pql.adapters.outages import outages
from pql.adapters.row_items import STATE, row
from pql.flows.ports import Page

# Items that a page looks at: 1 MB would be read in one go, at once more than a table has to spare.
PAGE = 500


class DynamoAccounts:
    """The `Accounts` port on one table. Leads and seen ids lie beside the rows, and are paid for too."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def page(self, after: str | None) -> Page:
        """Return the page that begins after a place that an earlier one named, or the first one."""
        start = {} if after is None else {"ExclusiveStartKey": json.loads(after)}
        with outages("DynamoDB"):
            found = self._client.scan(
                TableName=self._table,
                FilterExpression="sk = :state",
                ExpressionAttributeValues={":state": {"S": STATE}},
                ReturnConsumedCapacity="TOTAL",
                Limit=PAGE,
                **start,
            )
        last = found.get("LastEvaluatedKey")
        return Page(
            [row(item["pk"]["S"], item) for item in found["Items"]],
            found.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0),
            json.dumps(last) if last else None,
        )
