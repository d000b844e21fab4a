"""What only erasing writes of rows and members."""

from __future__ import annotations

from typing import Any

from pql.adapters.dynamo_items import Item, unless_changed
from pql.adapters.member_items import member_update
from pql.adapters.row_items import STATE
from pql.core.account import Row
from pql.core.member import Member


def blank_update(row: Row, expires: int) -> dict[str, Any]:
    """Return the update that leaves nothing of a row but its ids, until `expires` (epoch seconds).

    On condition that nobody else has written. Copies of what was counted here are still looked up.
    """
    values: Item = {":v": {"N": str(row.version + 1)}, ":expires": {"N": str(expires)}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v, expires = :expires"
        " REMOVE #state, scores, touched, moved, wake, wakes",
        "ConditionExpression": unless_changed(row.version, values),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def parting_update(row: Row) -> dict[str, Any]:
    """Return the update of a row that is part of no other any more, if nobody else has written it."""
    values: Item = {":v": {"N": str(row.version + 1)}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v REMOVE moved",
        "ConditionExpression": unless_changed(row.version, values),
        "ExpressionAttributeValues": values,
    }


def forgetful_update(row: Row, state: bytes) -> dict[str, Any]:
    """Return the update of a row's state and of nothing else, on condition that nobody else has written."""
    values: Item = {":v": {"N": str(row.version + 1)}, ":state": {"B": state}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v, #state = :state",
        "ConditionExpression": unless_changed(row.version, values),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def member_put(key: str, member: Member, expires: int | None) -> dict[str, Any]:
    """Return the put of a member as a whole, on condition that nobody else has written.

    `expires` is when it ends, epoch seconds; None for never.
    """
    update = member_update(key, member)
    written = {
        name.removeprefix("#"): update["ExpressionAttributeValues"][f":{name.removeprefix('#')}"]
        for name in update["ExpressionAttributeNames"]
    }
    ends = {} if expires is None else {"expires": {"N": str(expires)}}
    values: Item = {}
    put = {
        "Item": {**update["Key"], **written, **ends},
        "ConditionExpression": unless_changed(member.version, values),
    }
    return {**put, "ExpressionAttributeValues": values} if values else put
