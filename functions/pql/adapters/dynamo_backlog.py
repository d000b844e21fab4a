"""The backlog on DynamoDB: one partition, sorted by channel and by the age of what waits.

`sk` is `<channel>#rest` or `<channel>#waits#<created>#<lead>`: one query reads how a channel stands. The
items are few, and gone when their leads are delivered, or by themselves after a month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from pql.adapters.dynamo_pages import pages
from pql.adapters.outages import code, outages
from pql.core.keys import LeadKey, encoded
from pql.core.lead_item import sort_key
from pql.flows.channels import Standby, Waiting

PARTITION = "backlog"
KEPT = 30 * 86_400
_WAITS = "#waits#"


class DynamoBacklog:
    """The `Backlog` port on the table; `clock` gives epoch seconds."""

    def __init__(self, client: Any, table: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def look(self, channel: str, limit: int) -> Standby:
        """Return what stands of a channel; `rest` sorts before `waits`."""
        items = list(islice(self._items(f"{encoded(channel)}#"), limit + 1))
        rests = next((int(item["until"]["N"]) for item in items if "until" in item), 0)
        return Standby(rests, [_waiting(item) for item in items if "until" not in item][:limit])

    def rest(self, channel: str, until: int) -> None:
        """Let a channel rest until then, if not for longer."""
        with outages("DynamoDB"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item={**_key(f"{encoded(channel)}#rest"), "until": {"N": str(until)}, **self._expires()},
                    ConditionExpression="attribute_not_exists(pk) OR #until < :until",
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues={":until": {"N": str(until)}},
                )
            except ClientError as error:
                if code(error) != "ConditionalCheckFailedException":
                    raise

    def lift(self, channel: str) -> None:
        """End the rest of a channel."""
        with outages("DynamoDB"):
            self._client.delete_item(TableName=self._table, Key=_key(f"{encoded(channel)}#rest"))

    def add(self, channel: str, waiting: Waiting) -> None:
        """Write down a delivery that waits."""
        subject, rule, cycle = waiting.key
        item = {
            **_key(_place(channel, waiting.created, waiting.key)),
            "channel": {"S": channel},
            "created": {"N": str(waiting.created)},
            "subject": {"S": subject},
            "rule": {"S": rule},
            "cycle": {"N": str(cycle)},
            "code": {"S": waiting.code},
            "parked": {"BOOL": waiting.parked},
            **self._expires(),
        }
        with outages("DynamoDB"):
            self._client.put_item(TableName=self._table, Item=item)

    def remove(self, channel: str, created: int, key: LeadKey) -> None:
        """Cross out a delivery."""
        with outages("DynamoDB"):
            self._client.delete_item(TableName=self._table, Key=_key(_place(channel, created, key)))

    def every(self) -> Sequence[tuple[str, Waiting]]:
        """Return everything that waits, with its channel."""
        return [(item["channel"]["S"], _waiting(item)) for item in self._items("") if "until" not in item]

    def _items(self, start: str) -> Iterator[dict[str, Any]]:
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": PARTITION}},
            "ConsistentRead": True,
        }
        if start:
            query["KeyConditionExpression"] += " AND begins_with(sk, :start)"
            query["ExpressionAttributeValues"][":start"] = {"S": start}
        return pages(self._client, query)

    def _expires(self) -> dict[str, Any]:
        return {"expires": {"N": str(int(self._clock()) + KEPT)}}


def _key(sk: str) -> dict[str, Any]:
    return {"pk": {"S": PARTITION}, "sk": {"S": sk}}


def _place(channel: str, created: int, key: LeadKey) -> str:
    return f"{encoded(channel)}{_WAITS}{created:015}#{key.subject}#{sort_key(key)}"


def _waiting(item: dict[str, Any]) -> Waiting:
    key = LeadKey(item["subject"]["S"], item["rule"]["S"], int(item["cycle"]["N"]))
    return Waiting(int(item["created"]["N"]), key, item["code"]["S"], item["parked"]["BOOL"])
