"""What the watch needs of the table, and what the witness leaves there.

| pk | sk | attributes |
| --- | --- | --- |
| `watch` | `day#<UTC day>` | for each event a set of the hours (of the epoch) it arrived in; `expires` |
| `watch` | `memo` | `memo`: what was said, which bands were left, and how weeks of leads converted (JSON) |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from pql.adapters.dynamo_leads import DynamoLeads
from pql.adapters.dynamo_outbox import INDEX, PUBLISHED, SHADOW, WAITING
from pql.adapters.dynamo_pages import every
from pql.adapters.outages import outages
from pql.core.errors import Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_item import lead_key
from pql.core.times import day_of
from pql.core.window import DAY, HOUR
from pql.flows.memo import Memo

WATCH = "watch"
MEMO = {"pk": {"S": WATCH}, "sk": {"S": "memo"}}
# Longer than the watch looks back.
KEPT_DAYS = 280
# An expression has at most 4 KB, and a name takes some twelve bytes of it.
TOGETHER = 100


class DynamoWatch:
    """The `Watched` and `Sightings` ports on one table."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table
        self._leads = DynamoLeads(client, table)

    def note(self, hour: int, events: Collection[str]) -> None:
        """Note that these events arrived in this hour of the epoch; a repeat changes nothing."""
        names = [*events]
        for first in range(0, len(names), TOGETHER):
            self._note(hour, names[first : first + TOGETHER])

    def _note(self, hour: int, events: Sequence[str]) -> None:
        names = {f"#{place}": event for place, event in enumerate(events)}
        expires = (hour * HOUR // DAY + KEPT_DAYS) * DAY // 1000
        with outages("DynamoDB"):
            self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": WATCH}, "sk": {"S": _day(hour * HOUR)}},
                UpdateExpression=f"ADD {', '.join(f'{name} :hour' for name in names)} SET expires = :expires",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={":hour": {"NS": [str(hour)]}, ":expires": {"N": str(expires)}},
            )

    def hours(self, first: int) -> Mapping[str, Collection[int]]:
        """Return the hours (of the epoch) since `first` (epoch ms) in which each event arrived."""
        found: dict[str, set[int]] = defaultdict(set)
        days = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :watch AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":watch": {"S": WATCH},
                ":first": {"S": _day(first)},
                ":last": {"S": "day#~"},
            },
        }
        for item in every(self._client.query, days):
            for name, value in item.items():
                found[name] |= {int(hour) for hour in value.get("NS", ())}
        return {name: hours for name, hours in found.items() if hours}

    def made(self, first: int, last: int) -> Iterator[tuple[int, LeadKey]]:
        """Yield the leads made from `first` until before `last`, epoch ms: each once, in no order."""
        seen: set[LeadKey] = set()  # one that is announced meanwhile stands in two parts
        for part in (WAITING, PUBLISHED, SHADOW):
            query = {
                "TableName": self._table,
                "IndexName": INDEX,
                "KeyConditionExpression": "outbox = :part AND created BETWEEN :first AND :last",
                "ExpressionAttributeValues": {
                    ":part": {"S": part},
                    ":first": {"N": str(first)},
                    ":last": {"N": str(last - 1)},
                },
            }
            for item in every(self._client.query, query):
                key = lead_key(item["pk"]["S"], item["sk"]["S"])
                if key not in seen:
                    seen.add(key)
                    yield int(item["created"]["N"]), key

    def records(self, keys: Sequence[LeadKey]) -> list[LeadRecord]:
        """Return those of the leads that exist."""
        return self._leads.records(keys)

    def memo(self) -> Memo:
        """Return what is remembered; raises `Unavailable`, also for what nobody can read.

        It holds cohorts of twelve weeks, and since when each rule is known: nobody could work those out anew.
        """
        with outages("DynamoDB"):
            found = self._client.get_item(TableName=self._table, Key=MEMO, ConsistentRead=True)
        if "Item" not in found:
            return Memo()
        try:
            return msgspec.json.decode(found["Item"]["memo"]["S"], type=Memo)
        except (msgspec.MsgspecError, KeyError) as error:
            raise Unavailable("the memo of the watch cannot be read; who deletes it begins anew") from error

    def remember(self, memo: Memo) -> None:
        """Write what is remembered."""
        item = {**MEMO, "memo": {"S": msgspec.json.encode(memo).decode()}}
        with outages("DynamoDB"):
            self._client.put_item(TableName=self._table, Item=item)


def _day(time: int) -> str:
    return f"day#{day_of(time)}"
