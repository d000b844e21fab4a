"""How the table's items are written: every attribute, in one place.

| item | pk | sk | attributes |
| --- | --- | --- | --- |
| account | subject key | `state` | `v`, `state` (packed), `ledger` (packed), `scores`, `touched` |
| seen | subject key | `seen#<bucket>` | `ids` (binary set), `expires` |
| lead | subject key | `lead#<rule>#<cycle>` | `lead`, `created`, `outbox`, `sent`, `lease`, `published` |
| member | user or anonymous key | `member` | `v`, `account`, `user`, `former`, `name`, `email`, … |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from pql.core.account import Change, Row
from pql.core.dedup import Ledger
from pql.core.lead import Lead
from pql.core.lead_item import sort_key
from pql.core.member import Member

STATE = "state"
MEMBER = "member"
SEEN = "seen#"
LEDGER_SCHEMA = 1
Item = dict[str, Any]
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


def row(subject: str, item: Item) -> Row:
    """Return the row in an account item."""
    schema, *ledger = _unpack(_binary(item["ledger"]))
    if schema > LEDGER_SCHEMA:
        return Row(subject, newer=True)
    return Row(subject, int(item["v"]["N"]), _binary(item["state"]), Ledger(*ledger))


def state_update(change: Change) -> dict[str, Any]:
    """Return the update of an account item, on condition that nobody else has written.

    Only named attributes are set: what a newer deployment keeps beside them stays.
    """
    row, ledger = change.row, change.ledger
    values: Item = {
        ":v": {"N": str(row.version + 1)},
        ":state": {"B": change.state},
        ":ledger": {"B": _pack([LEDGER_SCHEMA, ledger.pend, ledger.grain, ledger.filed])},
        ":scores": {"M": {name: {"N": repr(score)} for name, score in change.scores.items()}},
        ":touched": {"N": str(change.touched)},
    }
    condition = "attribute_not_exists(pk)"
    if row.version:
        condition = "v = :before"
        values[":before"] = {"N": str(row.version)}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v, #state = :state, ledger = :ledger, scores = :scores,"
        " touched = :touched",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def seen_key(bucket: str) -> str:
    """Return the sort key of a seen bucket."""
    return SEEN + bucket


def bucket_of(sk: str) -> str:
    """Return the bucket that `seen_key` named."""
    return sk.removeprefix(SEEN)


def ids(item: Item) -> frozenset[bytes]:
    """Return the ids in a seen item."""
    return frozenset(bytes(one) for one in item["ids"]["BS"])


def seen_update(subject: str, bucket: str, ids: Collection[bytes], expires: int) -> dict[str, Any]:
    """Return the update that adds ids to a bucket."""
    return {
        "Key": {"pk": {"S": subject}, "sk": {"S": seen_key(bucket)}},
        "UpdateExpression": "ADD ids :ids SET expires = :expires",
        "ExpressionAttributeValues": {":ids": {"BS": sorted(ids)}, ":expires": {"N": str(expires)}},
    }


def lead_put(lead: Lead) -> dict[str, Any]:
    """Return the put of a lead that does not exist yet.

    A put and not an update: the stream shows one INSERT, whole.
    """
    key = lead.key
    return {
        "Item": {
            "pk": {"S": key.subject},
            "sk": {"S": sort_key(key)},
            "lead": {"B": msgspec.json.encode(lead)},
            "created": {"N": str(lead.created)},
            "outbox": {"S": "waiting"},
            "sent": {"M": {}},
            "lease": {"M": {}},
        },
        "ConditionExpression": "attribute_not_exists(pk)",
    }


def member(item: Item) -> Member:
    """Return the member in a member item."""
    return Member(
        version=int(item["v"]["N"]),
        account=_text(item, "account"),
        account_at=_number(item, "account_at"),
        former=tuple(one["S"] for one in item.get("former", {"L": []})["L"]),
        user=_text(item, "user"),
        name=_text(item, "name"),
        email=_text(item, "email"),
        profile_at=_number(item, "profile_at"),
    )


def member_update(key: str, member: Member) -> dict[str, Any]:
    """Return the update of a member, on condition that nobody else has written."""
    written: Item = {
        "v": {"N": str(member.version + 1)},
        "account_at": {"N": str(member.account_at)},
        "profile_at": {"N": str(member.profile_at)},
        "former": {"L": [{"S": one} for one in member.former]},
    }
    for name in ("account", "user", "name", "email"):
        if getattr(member, name) is not None:
            written[name] = {"S": getattr(member, name)}
    values = {f":{name}": value for name, value in written.items()}
    condition = "attribute_not_exists(pk)"
    if member.version:
        condition = "#v = :before"
        values[":before"] = {"N": str(member.version)}
    return {
        "Key": {"pk": {"S": key}, "sk": {"S": MEMBER}},
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in written),
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {f"#{name}": name for name in written},
        "ExpressionAttributeValues": values,
    }


def _text(item: Mapping[str, Any], name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number(item: Mapping[str, Any], name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def _binary(attribute: Mapping[str, Any]) -> bytes:
    """Return the bytes of a binary attribute, which moto and boto3 wrap in different ways."""
    return bytes(attribute["B"])
