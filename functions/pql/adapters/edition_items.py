"""The editions of the rules that have judged accounts, as items."""

from __future__ import annotations

from typing import Any

import msgspec

from pql.adapters.dynamo_items import Item, binary
from pql.core.edition import Edition

RULES = "rules"
EDITION = "edition#"
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


def edition_key(edition: int) -> tuple[str, str]:
    """Return where an edition of the rules lives."""
    return RULES, f"{EDITION}{edition:08x}"


def edition(sk: str, item: Item) -> Edition:
    """Return the edition of the rules in an item."""
    return Edition(int(sk.removeprefix(EDITION), 16), _unpack(binary(item["checksums"])))


def edition_update(edition: Edition) -> dict[str, Any]:
    """Return the update that declares an edition."""
    pk, sk = edition_key(edition.id)
    return {
        "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
        "UpdateExpression": "SET checksums = :checksums",
        "ExpressionAttributeValues": {":checksums": {"B": _pack(dict(edition.rules))}},
    }
