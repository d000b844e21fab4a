"""From an event as somebody sent it to the canonical one, or to the reason why not."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import msgspec

from pql.core.clean_text import scrubbed
from pql.core.errors import Refused
from pql.core.event import NOTHING, Event, EventType
from pql.core.identity import event_id, id_text
from pql.core.places import Finder
from pql.core.shapes import NO_CONTEXT
from pql.core.strict_json import Flaw, flaw_in, too_deep
from pql.core.times import counted_time, written_time

TYPES = frozenset({"track", "identify", "group", "page", "screen", "alias"})
SIZE_LIMIT = 200 * 1024
# Ids are kept with accounts, members and leads, whose items may have 400 KB and are paid by the KB.
ID_LIMIT = 512
_ENCODER = msgspec.json.Encoder()


class Arrival(NamedTuple):
    """What all events of a request share: how, when and from where they came.

    `kind` is the type that the path names, if any. `corrected` says that a sender like Segment has
    already taken the clock skew out of `timestamp`. `flawed` says that some event holds a `Flaw`, `deep`
    whether any may nest too deeply, or by their indexes which do: all are looked through at once.
    """

    received: int
    request: str
    source: str
    account_of: Finder
    kind: str | None = None
    corrected: bool = False
    flawed: bool = False
    deep: bool | frozenset[int] = True
    context: dict[str, Any] = NO_CONTEXT
    sent: int | None = None
    address: str | None = None


class Sized(NamedTuple):
    """A canonical event and its encoded size in bytes."""

    event: Event
    size: int


def canonical(item: Any, index: int, arrival: Arrival) -> Sized:
    """Return the canonical event for `item`; raises `Refused` with the code it is rejected under."""
    if arrival.flawed:
        _check_flaws(item)
    if not isinstance(item, dict):
        raise Refused(400, "not_an_object", "an event is a JSON object")
    if arrival.deep and (too_deep(item) if arrival.deep is True else index in arrival.deep):
        raise Refused(400, "too_deep", "the event nests more than 32 levels deep")
    event = _event(item, index, arrival)
    try:
        size = len(_ENCODER.encode(event))
    except UnicodeEncodeError:  # a lone surrogate; seen from JavaScript SDKs
        event = _mended(event)
        size = len(_ENCODER.encode(event))
    if size > SIZE_LIMIT:
        raise Refused(400, "too_large", "the event is larger than 200 KB")
    return Sized(event, size)


def _check_flaws(item: Any) -> None:
    flaw = item.code if isinstance(item, Flaw) else flaw_in(item)
    if flaw is not None:
        raise Refused(400, flaw, "a value in the event cannot be taken as it is")


def _event(item: dict[str, Any], index: int, arrival: Arrival) -> Event:
    kind = _kind(item, arrival)
    context = _context(item, arrival)
    account = id_text(item.get("groupId")) if kind == "group" else None
    account = account or arrival.account_of(_placed(item, context))
    user, anonymous = id_text(item.get("userId")), id_text(item.get("anonymousId"))
    previous = id_text(item.get("previousId"))
    if _too_long(account) or _too_long(user) or _too_long(anonymous) or _too_long(previous):
        raise Refused(400, "id_too_long", "an id of the event is longer than 512 bytes")
    if user is None and anonymous is None:
        raise Refused(400, "no_user_anon_id", "the event has neither userId nor anonymousId")
    if kind == "group" and account is None:
        raise Refused(400, "missing_group_id", "a group call has no groupId")
    if kind == "alias" and previous is None:
        raise Refused(400, "missing_previous_id", "an alias call has no previousId")
    original, timestamp = written_time(item.get("originalTimestamp")), written_time(item.get("timestamp"))
    own = timestamp if original is None else original
    identity = event_id(item, kind, own, arrival.request, index)
    # In the order of its fields: by their names msgspec takes six times as long, a tenth of an event.
    return Event(
        identity.id,
        kind,
        arrival.received,
        _time(item, original, timestamp, arrival),
        own,
        _name(item, kind),
        account,
        user,
        anonymous,
        previous,
        id_text(item.get("messageId")),
        identity.weak,
        arrival.source,
        _raw(item.get("properties")),
        _raw(_traits(item, kind, context)),
        _raw(context),
    )


def _mended(event: Event) -> Event:
    """Return `event` with U+FFFD for half characters; its id stays that of what was sent."""
    return msgspec.structs.replace(
        event,
        name=scrubbed(event.name),
        account=scrubbed(event.account),
        user=scrubbed(event.user),
        anonymous=scrubbed(event.anonymous),
        previous=scrubbed(event.previous),
        message=scrubbed(event.message),
    )


def _placed(item: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """Return `item` with the context that counts, which mostly is its own, or none."""
    own = item.get("context")
    return item if context is own or (own is None and not context) else {**item, "context": context}


def _too_long(identifier: str | None) -> bool:
    # A character has four bytes at most; half of one has as many as what takes its place.
    if identifier is None or 4 * len(identifier) <= ID_LIMIT:
        return False
    return len(identifier.encode("utf-8", "surrogatepass")) > ID_LIMIT


def _kind(item: dict[str, Any], arrival: Arrival) -> EventType:
    kind = item.get("type")
    if kind is None:
        kind = arrival.kind
    kind = kind.strip().lower() if isinstance(kind, str) else None
    if kind not in TYPES:
        raise Refused(400, "unknown_type", "the event's type is not one that is counted")
    return cast("EventType", kind)


def _context(item: dict[str, Any], arrival: Arrival) -> dict[str, Any]:
    own = item.get("context")
    context = own if isinstance(own, dict) else NO_CONTEXT
    if arrival.context:
        context = {**arrival.context, **context}
    if context.get("direct") is True and arrival.address and not context.get("ip"):
        context = {**context, "ip": arrival.address}
    return context


def _time(item: dict[str, Any], original: int | None, timestamp: int | None, arrival: Arrival) -> int:
    # RudderStack's Node SDK sends both: then `timestamp` is what its user gave, the other the
    # moment of the call. Everybody else sends one of them.
    said = original if timestamp is None else timestamp
    if arrival.corrected:
        return counted_time(arrival.received, said, None)
    sent = written_time(item.get("sentAt"))
    return counted_time(arrival.received, said, arrival.sent if sent is None else sent)


def _name(item: dict[str, Any], kind: str) -> str:
    if kind == "track":
        event = item.get("event")
        name = id_text(event)
        if name is None:
            missing = event is None or isinstance(event, str)
            raise Refused(
                400, "missing_event" if missing else "bad_field", "a track call needs its event's name"
            )
        return name
    if kind in ("page", "screen"):
        return id_text(item.get("name")) or id_text(item.get("category")) or ""
    return ""


def _traits(item: dict[str, Any], kind: str, context: dict[str, Any]) -> Any:
    traits = item.get("traits")
    # RudderStack's identify has them in context.traits only.
    return context.get("traits") if kind == "identify" and not isinstance(traits, dict) else traits


def _raw(value: Any) -> msgspec.Raw:
    if not isinstance(value, dict) or not value:
        return NOTHING
    try:
        return msgspec.Raw(_ENCODER.encode(value))
    except UnicodeEncodeError:
        return msgspec.Raw(_ENCODER.encode(scrubbed(value)))
