"""How a lead's item is written and read, and the attributes that say what has been made of it.

`lead_state`, `owner`, `until`, `reason`, `changed`, `converted_at`, `conversion_event` and `answered` are
there as far as they say something: a new lead has none of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from pql.core.complaints import without_value
from pql.core.errors import Poison
from pql.core.keys import LeadKey, in_logs
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_item import sort_key
from pql.core.lead_state import Life

# By field of `Life`; `state` alone would be the name of the packed state of an account.
ATTRIBUTES = {field: "lead_state" if field == "state" else field for field in Life.__struct_fields__}
_LEAD = msgspec.json.Decoder(Lead)
# What JSON begins with, and nothing that is deflated.
_OPENING = b"{"
_AS_MADE = Life()


def item_key(key: LeadKey) -> dict[str, Any]:
    """Return the primary key of a lead's item."""
    return {"pk": {"S": key.subject}, "sk": {"S": sort_key(key)}}


def written(lead: Lead) -> bytes:
    """Return a lead as its item holds it: JSON, deflated.

    The evidence says the same words again and again: in a transaction a lead of two KB costs four units, and
    one for each of its later states, which all write it whole.
    """
    return zlib.compress(msgspec.json.encode(lead))


def lead_put(lead: Lead, published: int | None = None) -> dict[str, Any]:
    """Return the put of a lead that does not exist yet.

    A put and not an update: the stream shows one INSERT, whole. In shadow it waits for no announcement,
    nor where it stands as `published` (epoch ms) from the start.
    """
    key = lead.key
    told: dict[str, Any] = {}
    if published is not None and lead.status == "live":
        told["published"] = {"N": str(published)}
    waiting = "published" if told else "waiting"
    return {
        "Item": {
            "pk": {"S": key.subject},
            "sk": {"S": sort_key(key)},
            "lead": {"B": written(lead)},
            "created": {"N": str(lead.created)},
            "outbox": {"S": waiting if lead.status == "live" else "shadow"},
            "sent": {"M": {}},
            "lease": {"M": {}},
            **told,
        },
        "ConditionExpression": "attribute_not_exists(pk)",
    }


def read(held: bytes) -> Lead:
    """Return the lead that an item holds, deflated or plain; raises `zlib.error` and `MsgspecError`."""
    return _LEAD.decode(held if held.startswith(_OPENING) else zlib.decompress(held))


def record(item: Mapping[str, Any]) -> LeadRecord:
    """Return the lead in an item; raises `Poison` where there is none."""
    published = item.get("published")
    sent = item.get("sent", {}).get("M", {})
    try:
        return LeadRecord(
            lead=read(bytes(item["lead"]["B"])),
            published=int(published["N"]) if published else None,
            sent={channel: int(at["N"]) for channel, at in sent.items()},
            standing=_standing(item),
        )
    except (KeyError, ValueError, zlib.error) as error:
        subject, sort_key = (item.get(name, {}).get("S", "?") for name in ("pk", "sk"))
        place = f"{in_logs(subject)}/{sort_key}"
        raise Poison(f"no lead in the item {place}: {without_value(error)}") from error


def standing_update(key: LeadKey, before: Life, after: Life) -> dict[str, Any]:
    """Return the update of how a lead stands, on condition that it stands as it did before.

    Nothing else in the item is looked at or touched, so that announcing and changing never meet.
    """
    held, wanted = _written(before), _written(after)
    names = {f"#{field}": name for field, name in ATTRIBUTES.items()}
    values = {f":before_{field}": value for field, value in held.items()}
    values |= {f":{field}": value for field, value in wanted.items()}
    sets = ", ".join(f"#{field} = :{field}" for field in wanted)
    removes = ", ".join(f"#{field}" for field in ATTRIBUTES if field not in wanted)
    unchanged = [
        f"#{field} = :before_{field}" if field in held else f"attribute_not_exists(#{field})"
        for field in ATTRIBUTES
    ]
    update = {
        "Key": item_key(key),
        "UpdateExpression": " ".join(
            f"{verb} {what}" for verb, what in (("SET", sets), ("REMOVE", removes)) if what
        ),
        "ConditionExpression": " AND ".join(["attribute_exists(pk)", *unchanged]),
        "ExpressionAttributeNames": names,
    }
    return {**update, "ExpressionAttributeValues": values} if values else update


def _standing(item: Mapping[str, Any]) -> Life:
    found: dict[str, Any] = {}
    for field, name in ATTRIBUTES.items():
        if name in item:
            ((kind, value),) = item[name].items()
            found[field] = int(value) if kind == "N" else value
    return msgspec.convert(found, Life)


def _written(standing: Life) -> dict[str, dict[str, str]]:
    """Return what an item says of it, by field: nothing for a lead as it was made."""
    held = msgspec.structs.asdict(standing)
    return {
        field: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for field, value in held.items()
        if value is not None and standing != _AS_MADE
    }
