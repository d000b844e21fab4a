"""One lead on DynamoDB, as whoever announces, delivers or changes it finds it."""

from __future__ import annotations

from typing import Any

from pql.adapters.lead_items import item_key, record
from pql.adapters.outages import outages
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord


class DynamoLead:
    """What every view of the leads of a table begins with."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead, how far its announcement got and how it stands, strongly consistent."""
        with outages("DynamoDB"):
            answer = self._client.get_item(TableName=self._table, Key=item_key(key), ConsistentRead=True)
        item = answer.get("Item")
        return record(item) if item else None
