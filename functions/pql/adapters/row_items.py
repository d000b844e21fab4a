"""The row of an account as an item: how it is read, and what counting, moving and waking write of it."""

from __future__ import annotations

from typing import Any

from pql.adapters.dynamo_items import Item, binary, number, text, unless_changed
from pql.core.account import Change, Fold, Row, wake_shard
from pql.core.dedup import Ledger, unpacked

STATE = "state"


def row(subject: str, item: Item) -> Row:
    """Return the row in an account item; one that was only ever left has nothing but a version."""
    state = binary(item["state"]) if "state" in item else b""
    wake = number(item, "wake") if "wake" in item else None
    try:
        ledger = unpacked(binary(item["ledger"])) if "ledger" in item else Ledger()
    except ValueError:
        # Whose ids are not known is not counted on: neither here nor as where somebody was before.
        return Row(subject, number(item, "v"), newer=True, moved=text(item, "moved"), wake=wake)
    return Row(subject, int(item["v"]["N"]), state, ledger, moved=text(item, "moved"), wake=wake)


def state_update(change: Change) -> dict[str, Any]:
    """Return the update of an account item, on condition that nobody else has written.

    Only named attributes are set: what a newer deployment keeps beside them stays.
    """
    row, ledger = change.row, change.ledger
    values: Item = {
        ":v": {"N": str(row.version + 1)},
        ":state": {"B": change.state},
        ":ledger": {"B": ledger.packed()},
        ":scores": {"M": {name: {"N": repr(score)} for name, score in change.scores.items()}},
        ":touched": {"N": str(change.touched)},
    }
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v, #state = :state, ledger = :ledger, scores = :scores,"
        " touched = :touched" + _lasting(_waking(row, change.wake, values)),
        "ConditionExpression": unless_changed(row.version, values),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def postpone_update(row: Row, wake: int | None) -> dict[str, Any]:
    """Return the update of when an account is to be woken, on condition that nobody else has written."""
    values: Item = {":v": {"N": str(row.version + 1)}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v" + _waking(row, wake, values),
        "ConditionExpression": unless_changed(row.version, values),
        "ExpressionAttributeValues": values,
    }


def tombstone_update(fold: Fold) -> dict[str, Any]:
    """Return the update that leaves a row without state, on condition that nobody else has written.

    The ledger stays: copies of what was counted here are still looked up.
    """
    row = fold.row
    values: Item = {":v": {"N": str(row.version + 1)}, ":into": {"S": fold.into}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v, moved = :into REMOVE #state, scores, wake, wakes",
        "ConditionExpression": unless_changed(row.version, values),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def fence_update(subject: str) -> dict[str, Any]:
    """Return the update that makes every write fail that rests on an earlier read of the row."""
    return {
        "Key": {"pk": {"S": subject}, "sk": {"S": STATE}},
        "UpdateExpression": "ADD v :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }


def _waking(row: Row, wake: int | None, values: Item) -> str:
    """Return what an update that begins with SET says of the row's wake, and add its values to `values`.

    Nothing if it stays: an update that moves it pays for two entries of the index.
    """
    if wake == row.wake:
        return ""
    if wake is None:
        return " REMOVE wake, wakes"
    values[":wake"] = {"N": str(wake)}
    values[":wakes"] = {"S": str(wake_shard(row.subject))}
    return ", wake = :wake, wakes = :wakes"


def _lasting(update: str) -> str:
    """Return an update that also lets the item stay, in which what was erased would end by itself."""
    return f"{update}, expires" if " REMOVE " in update else f"{update} REMOVE expires"
