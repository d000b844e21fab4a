"""How the table's items are laid out; those of accounts, members, ids and editions are read and written here.

Of a lead the first write is here, all else in `lead_items`. A few items that no account is counted by lie
beside these: see `dynamo_backlog`, `dynamo_overrides`, `dynamo_watch` and `dynamo_rebuild`.

| item | pk | sk | attributes |
| --- | --- | --- | --- |
| account | subject key | `state` | `v`, `state`, `ledger` (packed), `scores`, `touched`, `moved`, `wake`, … |
| seen | subject key | `seen#<bucket>` | `ids` (binary set), `expires` |
| lead | subject key | `lead#<rule>#<cycle>` | `lead`, `created`, `outbox`, `sent`, `lease`, `published` |
| member | user or anonymous key | `member` | `v`, `account`, `user`, `former`, `name`, `email`, … |
| origin | subject key | `from#<subject key>` | |
| edition | `rules` | `edition#<id>` | `checksums` (packed, by name) |

Two indexes hold keys alone: `outbox` the leads by how far their announcement is (`waiting`, `published` or
in `shadow`) and when they were made, and the sparse `wake` the accounts that wait for time to pass, by
`wakes`, their shard, and `wake`, epoch seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from pql.adapters import lead_items
from pql.core.account import Change, Fold, Row, wake_shard
from pql.core.dedup import Ledger, unpacked
from pql.core.edition import Edition
from pql.core.lead import Lead
from pql.core.lead_item import sort_key
from pql.core.member import Member

STATE = "state"
MEMBER = "member"
SEEN = "seen#"
RULES = "rules"
EDITION = "edition#"
ORIGIN = "from#"
Item = dict[str, Any]
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


def row(subject: str, item: Item) -> Row:
    """Return the row in an account item; one that was only ever left has nothing but a version."""
    state = _binary(item["state"]) if "state" in item else b""
    wake = _number(item, "wake") if "wake" in item else None
    try:
        ledger = unpacked(_binary(item["ledger"])) if "ledger" in item else Ledger()
    except ValueError:
        # Whose ids are not known is not counted on: neither here nor as where somebody was before.
        return Row(subject, newer=True, wake=wake)
    return Row(subject, int(item["v"]["N"]), state, ledger, moved=_text(item, "moved"), wake=wake)


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
        "ConditionExpression": _unless_changed(row.version, values),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def postpone_update(row: Row, wake: int | None) -> dict[str, Any]:
    """Return the update of when an account is to be woken, on condition that nobody else has written."""
    values: Item = {":v": {"N": str(row.version + 1)}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v" + _waking(row, wake, values),
        "ConditionExpression": _unless_changed(row.version, values),
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
        "ConditionExpression": _unless_changed(row.version, values),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def blank_update(row: Row, expires: int) -> dict[str, Any]:
    """Return the update that leaves nothing of a row but its ids, until `expires` (epoch seconds).

    On condition that nobody else has written. Copies of what was counted here are still looked up.
    """
    values: Item = {":v": {"N": str(row.version + 1)}, ":expires": {"N": str(expires)}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v, expires = :expires"
        " REMOVE #state, scores, touched, moved, wake, wakes",
        "ConditionExpression": _unless_changed(row.version, values),
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }


def parting_update(row: Row) -> dict[str, Any]:
    """Return the update of a row that is part of no other any more, if nobody else has written it."""
    values: Item = {":v": {"N": str(row.version + 1)}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v REMOVE moved",
        "ConditionExpression": _unless_changed(row.version, values),
        "ExpressionAttributeValues": values,
    }


def forgetful_update(row: Row, state: bytes) -> dict[str, Any]:
    """Return the update of a row's state and of nothing else, on condition that nobody else has written."""
    values: Item = {":v": {"N": str(row.version + 1)}, ":state": {"B": state}}
    return {
        "Key": {"pk": {"S": row.subject}, "sk": {"S": STATE}},
        "UpdateExpression": "SET v = :v, #state = :state",
        "ConditionExpression": _unless_changed(row.version, values),
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
        "ConditionExpression": _unless_changed(member.version, values),
    }
    return {**put, "ExpressionAttributeValues": values} if values else put


def fence_update(subject: str) -> dict[str, Any]:
    """Return the update that makes every write fail that rests on an earlier read of the row."""
    return {
        "Key": {"pk": {"S": subject}, "sk": {"S": STATE}},
        "UpdateExpression": "ADD v :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
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


def lead_put(lead: Lead, published: int | None = None) -> dict[str, Any]:
    """Return the put of a lead that does not exist yet.

    A put and not an update: the stream shows one INSERT, whole. In shadow it waits for no announcement,
    nor where it stands as `published` (epoch ms) from the start.
    """
    key = lead.key
    told: Item = {}
    if published is not None and lead.status == "live":
        told["published"] = {"N": str(published)}
    waiting = "published" if told else "waiting"
    return {
        "Item": {
            "pk": {"S": key.subject},
            "sk": {"S": sort_key(key)},
            "lead": {"B": lead_items.written(lead)},
            "created": {"N": str(lead.created)},
            "outbox": {"S": waiting if lead.status == "live" else "shadow"},
            "sent": {"M": {}},
            "lease": {"M": {}},
            **told,
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
        user_at=_number(item, "user_at"),
        name=_text(item, "name"),
        email=_text(item, "email"),
        profile_at=_number(item, "profile_at"),
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
        "ConditionExpression": _unless_changed(member.version, values),
        "ExpressionAttributeNames": {f"#{name}": name for name in written},
        "ExpressionAttributeValues": values,
    }


def member_check(key: str, version: int) -> dict[str, Any]:
    """Return the check that nobody has written a member since it was read."""
    values: Item = {}
    check: dict[str, Any] = {
        "Key": {"pk": {"S": key}, "sk": {"S": MEMBER}},
        "ConditionExpression": _unless_changed(version, values),
    }
    return {**check, "ExpressionAttributeValues": values} if values else check


def origin_update(into: str, left: str) -> dict[str, Any]:
    """Return the update that remembers whose leads are also those of the subject they were folded into."""
    return {
        "Key": {"pk": {"S": into}, "sk": {"S": ORIGIN + left}},
        "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }


def origins_asked(subject: str) -> dict[str, Any]:
    """Return what a query for the origins of a subject asks."""
    return {
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :origin)",
        "ExpressionAttributeValues": {":pk": {"S": subject}, ":origin": {"S": ORIGIN}},
    }


def origin(item: Item) -> str:
    """Return the subject that was folded."""
    return str(item["sk"]["S"]).removeprefix(ORIGIN)


def edition_key(edition: int) -> tuple[str, str]:
    """Return where an edition of the rules lives."""
    return RULES, f"{EDITION}{edition:08x}"


def edition(sk: str, item: Item) -> Edition:
    """Return the edition of the rules in an item."""
    return Edition(int(sk.removeprefix(EDITION), 16), _unpack(_binary(item["checksums"])))


def edition_update(edition: Edition) -> dict[str, Any]:
    """Return the update that declares an edition."""
    pk, sk = edition_key(edition.id)
    return {
        "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
        "UpdateExpression": "SET checksums = :checksums",
        "ExpressionAttributeValues": {":checksums": {"B": _pack(dict(edition.rules))}},
    }


def _unless_changed(version: int, values: Item) -> str:
    """Return the condition that an item still has this version, and add what it names to `values`."""
    if not version:
        return "attribute_not_exists(pk)"
    values[":before"] = {"N": str(version)}
    return "v = :before"


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


def _text(item: Mapping[str, Any], name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number(item: Mapping[str, Any], name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def _binary(attribute: Mapping[str, Any]) -> bytes:
    """Return the bytes of a binary attribute, which moto and boto3 wrap in different ways."""
    return bytes(attribute["B"])
