"""The shapes a body comes in, unfolded to a plain list of events.

A bare event, an array, `{"batch": […]}`, EventBridge's `detail`, and the `{"json": event}`
wrappers that Segment's Extensible Webhook puts around the elements of a batch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pql.core.errors import Refused
from pql.core.identity import id_text
from pql.core.strict_json import Flaw, Parsed, flaw_in, too_deep

EVENTS_LIMIT = 10_000  # the largest batch a client is known to make has 4,000
NO_CONTEXT: dict[str, Any] = {}


class Parcel(NamedTuple):
    """The events of one body, and what their envelope says about all of them."""

    items: list[Any]
    context: dict[str, Any] = NO_CONTEXT
    sent_at: Any = None
    key: str | None = None


def unfolded(parsed: Parsed) -> Parcel:
    """Return the events in a body.

    Raises `Refused` where the body is no event and holds none, or where the envelope itself is
    flawed: a flaw inside an event is that event's own affair.
    """
    value = parsed.value
    if isinstance(value, Flaw):
        raise Refused(400, value.code, "the outermost JSON value cannot be taken as it is")
    if isinstance(value, list):
        return _counted(Parcel([_unwrapped(item) for item in value], key=_key_of_first(value)))
    if not isinstance(value, dict):
        raise Refused(400, "invalid_json", "an event is a JSON object, a batch an object or an array")
    if isinstance(value.get("batch"), list):
        return _counted(_batch(value, flawed=parsed.flawed))
    if "batch" in value and "type" not in value:
        raise Refused(400, "invalid_batch", "batch is not an array")
    event = _unwrapped(value)
    return Parcel([event], key=_key_of_first([event]))


def _batch(envelope: dict[str, Any], *, flawed: bool) -> Parcel:
    rest = {name: value for name, value in envelope.items() if name != "batch"}
    flaw = flaw_in(rest) if flawed else None
    if flaw is not None:
        raise Refused(400, flaw, "the batch's envelope cannot be taken as it is")
    if too_deep(rest):
        raise Refused(400, "too_deep", "the batch's envelope nests too deeply")
    items = [_unwrapped(item) for item in envelope["batch"]]
    context = rest.get("context")
    return Parcel(
        items,
        context if isinstance(context, dict) else NO_CONTEXT,
        rest.get("sentAt"),
        id_text(rest.get("writeKey")) or _key_of_first(items),
    )


def _unwrapped(item: Any) -> Any:
    if not isinstance(item, dict) or "type" in item:
        return item
    if isinstance(item.get("json"), dict):
        return item["json"]
    detail = item.get("detail")
    if isinstance(detail, dict) and "detail-type" in item:
        return detail if "type" in detail else {**detail, "type": item["detail-type"]}
    return item


def _key_of_first(items: list[Any]) -> str | None:
    first = _unwrapped(items[0]) if items else None
    return id_text(first.get("writeKey")) if isinstance(first, dict) else None


def _counted(parcel: Parcel) -> Parcel:
    if not parcel.items:
        raise Refused(400, "empty_batch", "the batch holds no events")
    if len(parcel.items) > EVENTS_LIMIT:
        raise Refused(413, "payload_too_large", f"more than {EVENTS_LIMIT} events in one request")
    return parcel
