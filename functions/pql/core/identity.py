"""Who an event is and who sent it: ids as text, and the one id that a resend shares."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

# What differs between two deliveries of one event, and the key it came with.
_VOLATILE = frozenset({"sentAt", "receivedAt", "_metadata", "context", "messageId", "writeKey"})

_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class EventId(NamedTuple):
    """32 hex digits; `weak` when they were made from the request, so that a resend counts again."""

    id: str
    weak: bool


def id_text(value: Any) -> str | None:
    """Return an id as text: 777, 777.0 and "777" are the same; blank, boolean or other is none."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if isinstance(value, int) or value.is_integer() else repr(value)


def event_id(item: dict[str, Any], kind: str, own: int | None, request: str, index: int) -> EventId:
    """Return the id of an event: from its messageId, else its content, else the request.

    `kind` is its resolved type and `own` the sender's time of it: content without any time would
    make two clicks of one user a single one.
    """
    message = id_text(item.get("messageId"))
    if message is not None:
        return EventId(hashed(message), weak=False)
    if own is None:
        return EventId(hashed(f"{request}\n{index}"), weak=True)
    return EventId(hashed(_content(item, kind)), weak=False)


def _content(item: dict[str, Any], kind: str) -> str:
    kept = {key: value for key, value in item.items() if key not in _VOLATILE}
    kept["type"] = kind
    if "originalTimestamp" in kept:
        kept.pop("timestamp", None)  # then it is the corrected one, which changes with every resend
    return _WRITER.encode(kept)


def hashed(text: str) -> str:
    """Return 32 hex digits that stand for a message id, or for what is taken instead."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
