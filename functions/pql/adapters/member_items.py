"""Where a user or a device belongs, as an item."""

from __future__ import annotations

from typing import Any

from pql.adapters.dynamo_items import Item, number, text, unless_changed
from pql.core.member import Member

MEMBER = "member"


def member(item: Item) -> Member:
    """Return the member in a member item."""
    return Member(
        version=int(item["v"]["N"]),
        account=text(item, "account"),
        account_at=number(item, "account_at"),
        former=tuple(one["S"] for one in item.get("former", {"L": []})["L"]),
        user=text(item, "user"),
        user_at=number(item, "user_at"),
        name=text(item, "name"),
        email=text(item, "email"),
        profile_at=number(item, "profile_at"),
    )


def member_update(key: str, member: Member) -> dict[str, Any]:
    """Return the update of a member, on condition that nobody else has written."""
    written: Item = {
        "v": {"N": str(member.version + 1)},
        "account_at": {"N": str(member.account_at)},
        "user_at": {"N": str(member.user_at)},
        "profile_at": {"N": str(member.profile_at)},
        "former": {"L": [{"S": one} for one in member.former]},
    }
    for name in ("account", "user", "name", "email"):
        if getattr(member, name) is not None:
            written[name] = {"S": getattr(member, name)}
    values = {f":{name}": value for name, value in written.items()}
    return {
        "Key": {"pk": {"S": key}, "sk": {"S": MEMBER}},
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in written) + " REMOVE expires",
        "ConditionExpression": unless_changed(member.version, values),
        "ExpressionAttributeNames": {f"#{name}": name for name in written},
        "ExpressionAttributeValues": values,
    }


def member_check(key: str, version: int) -> dict[str, Any]:
    """Return the check that nobody has written a member since it was read."""
    values: Item = {}
    check: dict[str, Any] = {
        "Key": {"pk": {"S": key}, "sk": {"S": MEMBER}},
        "ConditionExpression": unless_changed(version, values),
    }
    return {**check, "ExpressionAttributeValues": values} if values else check
