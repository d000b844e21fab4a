"""Leads on DynamoDB, as something to read and to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from pql.adapters.dynamo_pages import pages
from pql.adapters.lead_items import item_key, record, standing_update
from pql.adapters.outages import code, outages
from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_item import PREFIX
from pql.core.lead_state import Standing


class DynamoLeads:
    """The `Leads` port on one table."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead and how it stands, strongly consistent."""
        with outages("DynamoDB"):
            answer = self._client.get_item(TableName=self._table, Key=item_key(key), ConsistentRead=True)
        item = answer.get("Item")
        return record(item) if item else None

    def of(self, subject: str) -> Iterator[LeadRecord]:
        """Yield the leads of a subject, strongly consistent, page by page."""
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :subject AND begins_with(sk, :lead)",
            "ExpressionAttributeValues": {":subject": {"S": subject}, ":lead": {"S": PREFIX}},
            "ConsistentRead": True,
        }
        for item in pages(self._client, query):
            yield record(item)

    def every(self) -> Iterator[LeadRecord]:
        """Yield every lead of the table, which reads all of it: for people, never for a function."""
        scan: dict[str, Any] = {
            "TableName": self._table,
            "FilterExpression": "begins_with(sk, :lead)",
            "ExpressionAttributeValues": {":lead": {"S": PREFIX}},
        }
        while True:
            with outages("DynamoDB"):
                page = self._client.scan(**scan)
            for item in page["Items"]:
                yield record(item)
            if "LastEvaluatedKey" not in page:
                return
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def change(self, key: LeadKey, before: Standing, after: Standing) -> None:
        """Write how a lead stands if it still stands as `before`; raises `Conflict` if it does not."""
        with outages("DynamoDB"):
            try:
                self._client.update_item(TableName=self._table, **standing_update(key, before, after))
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":
                    raise
                raise Conflict("the lead no longer stands as it did") from error
