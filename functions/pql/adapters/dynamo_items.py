"""How the table's items are laid out, what their attributes hold, and the condition that all writes share.

Each kind is read and written in a file of its own: `row_items`, `seen_items`, `lead_items`, `member_items`,
`origin_items` and `edition_items`; `erasure_items` has what only erasing writes. A few items that no account
is counted by lie beside these: see `dynamo_backlog`, `dynamo_overrides`, `dynamo_watch` and `dynamo_rebuild`.

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

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]


def unless_changed(version: int, values: Item) -> str:
    """Return the condition that an item still has this version, and add what it names to `values`."""
    if not version:
        return "attribute_not_exists(pk)"
    values[":before"] = {"N": str(version)}
    return "v = :before"


def text(item: Mapping[str, Any], name: str) -> str | None:
    """Return a text attribute, None if it is not there."""
    return item[name]["S"] if name in item else None


def number(item: Mapping[str, Any], name: str) -> int:
    """Return an attribute that is a whole number, 0 if it is not there."""
    return int(item[name]["N"]) if name in item else 0


def binary(attribute: Mapping[str, Any]) -> bytes:
    """Return the bytes of a binary attribute, which moto and boto3 wrap in different ways."""
    return bytes(attribute["B"])
