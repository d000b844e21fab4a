"""The overrides of rules on DynamoDB: one item, beside the editions.

| pk | sk | attributes |
| --- | --- | --- |
| `rules` | `overrides` | `v`, `overrides` (JSON, by rule) |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pql.adapters.dynamo_batch import batch_get
from pql.adapters.dynamo_conditional import unknown_outcomes
from pql.core.errors import Unavailable
from pql.core.override import Override, Overrides

KEY = {"pk": {"S": "rules"}, "sk": {"S": "overrides"}}
_OF_JSON = msgspec.json.Decoder(dict[str, Override])


class DynamoOverrides:
    """The `OverrideItem` port on one table; `pause` waits between rounds, in seconds."""

    def __init__(self, client: Any, table: str, pause: Callable[[float], None]) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def overrides(self) -> Overrides:
        """Return them, strongly consistent; raises `Unavailable`, also for what nobody can read."""
        # As every function may read: a batch of one.
        for item in batch_get(self._client, self._table, [KEY], self._pause):
            try:
                return Overrides(int(item["v"]["N"]), _OF_JSON.decode(item["overrides"]["S"]))
            except (msgspec.MsgspecError, KeyError, ValueError) as error:
                raise Unavailable("the overrides of the rules cannot be read") from error
        return Overrides()

    def override(self, overrides: Overrides) -> None:
        """Write them over the version they carry; raises `Conflict`, also for an unknown outcome."""
        values: dict[str, Any] = {
            ":v": {"N": str(overrides.version + 1)},
            ":overrides": {"S": msgspec.json.encode(overrides.rules).decode()},
        }
        condition = "attribute_not_exists(pk)"
        if overrides.version:
            condition = "v = :before"
            values[":before"] = {"N": str(overrides.version)}
        with unknown_outcomes():
            self._client.update_item(
                TableName=self._table,
                Key=KEY,
                UpdateExpression="SET v = :v, overrides = :overrides",
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
