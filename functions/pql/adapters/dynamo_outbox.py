"""The outbox on DynamoDB: each lead item carries the state of its own announcement.

`outbox` says in the index of the same name which leads SNS does not have yet. `sent` and
`lease` are maps by channel, empty from the start, so that one `UpdateItem` can claim. A lease that has run
out stands for an attempt that nobody knows the outcome of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pql.adapters.dynamo_lead import DynamoLead
from pql.adapters.dynamo_pages import pages
from pql.adapters.lead_items import item_key
from pql.adapters.outages import code, outages
from pql.core.errors import Poison
from pql.core.keys import LeadKey
from pql.core.lead_item import lead_key

if TYPE_CHECKING:
    from pql.flows.ports import Claim

INDEX = "outbox"
WAITING = "waiting"
PUBLISHED = "published"
SHADOW = "shadow"


class DynamoOutbox(DynamoLead):
    """The `Outbox` port on one table."""

    def mark_published(self, key: LeadKey, at: int) -> None:
        """Record that SNS took the lead at `at`; a repeat changes nothing."""
        self._update(
            key,
            "SET #published = :at, #outbox = :published",
            "attribute_exists(pk) AND attribute_not_exists(#published)",
            {"#published": "published", "#outbox": "outbox"},
            {":at": at, ":published": PUBLISHED},
        )

    def claim(self, key: LeadKey, channel: str, now: int, until: int) -> Claim:
        """Lease the delivery to `channel` until `until`; in doubt if a lease has run out.

        An answer that is lost leaves our own lease behind, which then reads `leased`: a delay, never
        a second delivery.
        """
        met, before = self._update(
            key,
            "SET #lease.#channel = :until",
            "attribute_exists(pk) AND attribute_not_exists(#sent.#channel)"
            " AND (attribute_not_exists(#lease.#channel) OR #lease.#channel <= :now)",
            {"#lease": "lease", "#sent": "sent", "#channel": channel},
            {":until": until, ":now": now},
        )
        if met:
            return "doubt" if channel in before.get("lease", {}).get("M", {}) else "won"
        if not before:
            raise Poison("no such lead")
        return "sent" if channel in before.get("sent", {}).get("M", {}) else "leased"

    def mark_sent(self, key: LeadKey, channel: str, at: int) -> None:
        """Record that `channel` took the lead at `at`, and end the lease."""
        self._update(
            key,
            "SET #sent.#channel = :at REMOVE #lease.#channel",
            "attribute_exists(pk)",
            {"#lease": "lease", "#sent": "sent", "#channel": channel},
            {":at": at},
        )

    def release(self, key: LeadKey, channel: str, until: int) -> None:
        """End the lease that runs until `until`; anybody else's stays."""
        self._update(
            key,
            "REMOVE #lease.#channel",
            "#lease.#channel = :until",
            {"#lease": "lease", "#channel": channel},
            {":until": until},
        )

    def unsure(self, key: LeadKey, channel: str, until: int) -> None:
        """End the lease that runs until `until`, and leave one that has run out."""
        self._update(
            key,
            "SET #lease.#channel = :over",
            "#lease.#channel = :until",
            {"#lease": "lease", "#channel": channel},
            {":until": until, ":over": 0},
        )

    def unpublished(self, before: int) -> Iterator[LeadKey]:
        """Return the leads created before `before` that SNS may not have, oldest first, page by page."""
        query = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "#outbox = :waiting AND #created < :before",
            "ExpressionAttributeNames": {"#outbox": "outbox", "#created": "created"},
            "ExpressionAttributeValues": {":waiting": {"S": WAITING}, ":before": {"N": str(before)}},
        }
        for item in pages(self._client, query):
            yield lead_key(item["pk"]["S"], item["sk"]["S"])

    def _update(
        self,
        key: LeadKey,
        update: str,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, int | str],
    ) -> tuple[bool, dict[str, Any]]:
        """Update the item; return whether the condition was met, and the item as it was."""
        with outages("DynamoDB"):
            try:
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=item_key(key),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={name: _value(value) for name, value in values.items()},
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":
                    raise
                return False, dict(error.response.get("Item", {}))
        return True, dict(answer.get("Attributes", {}))


def _value(value: int | str) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}
