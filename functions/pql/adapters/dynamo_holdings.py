"""Everything a table holds, for the command that erases: no function reads or deletes so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pql.adapters import erasure_items, member_items, origin_items, row_items, seen_items
from pql.adapters.dynamo_conditional import unknown_outcomes
from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_pages import every
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.lead_items import ATTRIBUTES, item_key, record, written
from pql.adapters.outages import outages
from pql.core.account import Row
from pql.core.errors import Poison
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_item import PREFIX, lead_key
from pql.core.member import Member, Members
from pql.flows.holdings import Held

PAGE = 500


class DynamoHoldings:
    """The `Holdings` port on one table; `pause` waits between rounds of reads, in seconds."""

    def __init__(self, client: Any, table: str, pause: Callable[[float], None]) -> None:
        self._client = client
        self._table = table
        self._store = DynamoStore(client, table, pause)
        self._leads = DynamoLeads(client, table)

    def everything(self) -> Iterator[Held]:
        """Return every item, strongly consistent, page by page."""
        scan = {"TableName": self._table, "ConsistentRead": True, "Limit": PAGE}
        return map(_held, every(self._client.scan, scan))

    def members(self, keys: Sequence[str]) -> Members:
        """Return the members that exist, by key."""
        return self._store.members(keys)

    def row(self, subject: str) -> Row | None:
        """Return a row as it is now."""
        return self._store.rows([subject]).get(subject)

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead as it is now."""
        return self._leads.lead(key)

    def put_member(self, key: str, member: Member, left: str | None, expires: int | None) -> None:
        """Write a whole member and raise the version of the row that is left, as one."""
        put = {"Put": {"TableName": self._table, **erasure_items.member_put(key, member, expires)}}
        with unknown_outcomes():
            if left is None:
                self._client.put_item(**put["Put"])
                return
            fence = {"Update": {"TableName": self._table, **row_items.fence_update(left)}}
            self._client.transact_write_items(TransactItems=[put, fence])

    def blank(self, row: Row, expires: int) -> None:
        """Leave nothing of a row but its ids, until `expires`, epoch seconds."""
        with unknown_outcomes():
            self._client.update_item(TableName=self._table, **erasure_items.blank_update(row, expires))

    def part(self, row: Row) -> None:
        """Let a row be part of no other any more, and leave the rest of it."""
        with unknown_outcomes():
            self._client.update_item(TableName=self._table, **erasure_items.parting_update(row))

    def rewrite(self, row: Row, state: bytes) -> None:
        """Write a row's state."""
        with unknown_outcomes():
            self._client.update_item(TableName=self._table, **erasure_items.forgetful_update(row, state))

    def delete_origin(self, subject: str, origin: str) -> None:
        """Forget that somebody's leads are also those of this subject; a repeat changes nothing."""
        with outages("DynamoDB"):
            self._client.delete_item(
                TableName=self._table, Key=origin_items.origin_update(subject, origin)["Key"]
            )

    def delete_lead(self, key: LeadKey) -> None:
        """Delete a lead; one that is not there is no fault."""
        with outages("DynamoDB"):
            self._client.delete_item(TableName=self._table, Key=item_key(key))

    def rewrite_lead(self, key: LeadKey, change: Callable[[Lead], Lead]) -> None:
        """Write what `change` makes of a lead; how it stands is not touched."""
        with outages("DynamoDB"):
            found = self._client.get_item(TableName=self._table, Key=item_key(key), ConsistentRead=True)
        if "Item" not in found:
            return
        after = written(change(record(found["Item"]).lead))
        with unknown_outcomes():
            self._client.update_item(
                TableName=self._table,
                Key=item_key(key),
                UpdateExpression="SET #lead = :lead",
                ConditionExpression="#lead = :before",
                ExpressionAttributeNames={"#lead": "lead"},
                ExpressionAttributeValues={
                    ":lead": {"B": after},
                    ":before": {"B": bytes(found["Item"]["lead"]["B"])},
                },
            )

    def rewrite_reason(self, key: LeadKey, before: str, after: str) -> None:
        """Write anew for what reason a lead was dismissed, and nothing else of it."""
        with unknown_outcomes():
            self._client.update_item(
                TableName=self._table,
                Key=item_key(key),
                UpdateExpression="SET #reason = :after",
                ConditionExpression="#reason = :before",
                ExpressionAttributeNames={"#reason": ATTRIBUTES["reason"]},
                ExpressionAttributeValues={":before": {"S": before}, ":after": {"S": after}},
            )


def _place(pk: str, sk: str) -> LeadKey | None:
    try:
        return lead_key(pk, sk)
    except Poison:
        return None


def _held(item: dict[str, Any]) -> Held:
    pk, sk, ends = item["pk"]["S"], item["sk"]["S"], "expires" in item
    if sk == member_items.MEMBER:
        return Held("member", pk, member_items.member(item), ends)
    if sk == row_items.STATE:
        return Held("row", pk, row_items.row(pk, item), ends)
    if sk.startswith(seen_items.SEEN):
        return Held("seen", pk, None, ends)
    if sk.startswith(PREFIX):
        try:
            return Held("lead", pk, record(item), ends)
        except Poison:
            return Held("lead", pk, None, ends, lead=_place(pk, sk))
    if sk.startswith(origin_items.ORIGIN):
        return Held("origin", pk, None, ends, origin_items.origin(item))
    return Held("other", pk, None, ends)
