"""The mark of a table that is being built from nothing.

Only an empty table takes it. While it is there a rebuild that was interrupted may go on, for the ids of all
that it has counted are as young as the mark.
"""

from __future__ import annotations

from typing import Any

from pql.adapters.outages import outages
from pql.core.errors import PqlError

_KEY = {"pk": {"S": "rebuild"}, "sk": {"S": "mark"}}


class Rebuild:
    """Begins and ends the rebuild of one table."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def is_on(self) -> bool:
        """Return whether a rebuild was begun and has not ended."""
        with outages("DynamoDB"):
            found = self._client.get_item(TableName=self._table, Key=_KEY, ConsistentRead=True)
        return "Item" in found

    def begin(self, at: int) -> None:
        """Mark the table as of `at` (epoch ms); raises `PqlError` for one that holds anything."""
        if self.is_on():
            return
        with outages("DynamoDB"):
            found = self._client.scan(TableName=self._table, Limit=1, ConsistentRead=True)
            if not found["Items"]:
                self._client.put_item(TableName=self._table, Item={**_KEY, "at": {"N": str(at)}})
                return
        raise PqlError(
            f"the table {self._table} is not empty: what it holds would be counted again; name a new one"
        )

    def end(self) -> None:
        """Take the mark away."""
        with outages("DynamoDB"):
            self._client.delete_item(TableName=self._table, Key=_KEY)
