"""Leads on DynamoDB, as something to read and to change."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from heapq import merge

from botocore.exceptions import ClientError

from pql.adapters.dynamo_batch import batch_get
from pql.adapters.dynamo_lead import DynamoLead
from pql.adapters.dynamo_outbox import INDEX, PUBLISHED, SHADOW, WAITING
from pql.adapters.dynamo_pages import pages
from pql.adapters.lead_items import item_key, record, standing_update
from pql.adapters.outages import code, outages
from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_item import PREFIX, lead_key
from pql.core.lead_state import Life


class DynamoLeads(DynamoLead):
    """The `Leads` port on one table."""

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

    def newest(self, since: int = 0) -> Iterator[LeadKey]:
        """Yield the keys of the leads made at `since` or later, the newest first, page by page.

        From the index of the outbox, which has every lead, by how far its announcement is.
        """
        parts = [self._keys(part, since) for part in (WAITING, PUBLISHED, SHADOW)]
        seen: set[LeadKey] = set()  # one that is announced meanwhile stands in two parts
        for _, key in merge(*parts):
            if key not in seen:
                seen.add(key)
                yield key

    def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
        """Return those of the leads that exist, in the order of `keys`, strongly consistent."""
        wanted = map(item_key, dict.fromkeys(keys))
        items = batch_get(self._client, self._table, wanted, time.sleep)
        found = {one.lead.key: one for one in map(record, items)}
        return [found[key] for key in keys if key in found]

    def change(self, key: LeadKey, before: Life, after: Life) -> None:
        """Write how a lead stands if it still stands as `before`; raises `Conflict` if it does not."""
        with outages("DynamoDB"):
            try:
                self._client.update_item(TableName=self._table, **standing_update(key, before, after))
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":
                    raise
                raise Conflict("the lead no longer stands as it did") from error

    def _keys(self, part: str, since: int) -> Iterator[tuple[int, LeadKey]]:
        query = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "#outbox = :part AND #created >= :since",
            "ExpressionAttributeNames": {"#outbox": "outbox", "#created": "created"},
            "ExpressionAttributeValues": {":part": {"S": part}, ":since": {"N": str(since)}},
            "ScanIndexForward": False,
        }
        for item in pages(self._client, query):
            yield -int(item["created"]["N"]), lead_key(item["pk"]["S"], item["sk"]["S"])
