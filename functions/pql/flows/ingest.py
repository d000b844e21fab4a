"""Take what a client sends, judge each event on its own, and answer once the queue has the good ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from pql.core.body import document, opened
from pql.core.canonical import Arrival, Sized, canonical
from pql.core.cutting import messages
from pql.core.errors import Refused
from pql.core.http_request import Request
from pql.core.places import Finder
from pql.core.shapes import Parcel, unfolded
from pql.core.strict_json import Parsed, deep_ones, parse
from pql.core.times import written_time
from pql.flows.admission import (
    admitted_by_key,
    admitted_by_signature,
    holds,
    keys_beside_body,
    keys_in_body,
    signed_slices,
    unauthorized,
)
from pql.flows.ports import EventQueue, Secrets

WEBHOOK = "segment"
BATCH = "batch"
KINDS = {
    "track": "track", "t": "track",
    "identify": "identify", "i": "identify",
    "group": "group", "g": "group",
    "page": "page", "p": "page",
    "screen": "screen", "s": "screen",
    "alias": "alias", "a": "alias",
    "batch": BATCH, "b": BATCH, "import": BATCH,
    "segment": WEBHOOK,
}  # fmt: skip


class Door(NamedTuple):
    """What the front door is wired to; the two names are those of the secrets."""

    queue: EventQueue
    secrets: Secrets
    write_key: str
    webhook_secret: str
    account_of: Finder


class Receipt(NamedTuple):
    """How many events the queue has, and (index, code) of each that it was not given."""

    accepted: int
    rejected: list[tuple[int, str]]


def receive(door: Door, request: Request, kind: str, now: int, deadline: float) -> Receipt:
    """Take the events of a request to the path of `kind` (one of `KINDS`' values).

    `now` is epoch milliseconds, `deadline` seconds on the monotonic clock. Raises `Refused` when
    nothing in the request can be read or nobody may send it, `Unavailable` when the queue is not
    known to have every accepted event.
    """
    parsed, parcel = _admitted(door, request, kind, deadline)
    arrival = Arrival(
        received=now,
        request=request.id,
        source="webhook" if kind == WEBHOOK else "sdk",
        account_of=door.account_of,
        kind=None if kind in (WEBHOOK, BATCH) else kind,
        corrected=kind == WEBHOOK,
        address=request.address,
    )
    return _take(door.queue, parcel, parsed, arrival, deadline)


def receive_invocation(door: Door, event: Any, request: str, now: int, deadline: float) -> Receipt:
    """Take the events of a direct invocation, whose sender IAM has let in; raises as `receive` does.

    Segment's AWS Lambda destination and EventBridge send events whose clock skew is already out.
    """
    # Through text again, because the runtime's own reader takes NaN and numbers of any size.
    try:
        parsed = parse(json.dumps(event))
    except RecursionError as error:
        raise Refused(400, "too_deep", "the event nests too deeply to be read") from error
    arrival = Arrival(now, request, "invoke", door.account_of, corrected=True)
    return _take(door.queue, unfolded(parsed), parsed, arrival, deadline)


def _admitted(door: Door, request: Request, kind: str, deadline: float) -> tuple[Parsed, Parcel]:
    """Return what the request holds, once its sender is known to hold a key or to have signed it."""
    raw = opened(request.body, is_base64=request.is_base64)
    keys = keys_beside_body(request)
    known = bool(keys) and holds(keys, door.secrets.values(door.write_key, deadline))
    signed = kind == WEBHOOK and bool(request.header("x-signature").strip())
    try:
        text, parsed = document(raw, request.header("content-encoding"))
        parcel = unfolded(parsed)
    except Refused as refusal:
        # A stranger learns nothing about the body; a client whose key is in it has to be told.
        if signed and admitted_by_signature(request, [raw], door.secrets, door.webhook_secret, deadline):
            raise
        if signed or (keys and not admitted_by_key(keys, door.secrets, door.write_key, deadline)):
            raise unauthorized() from refusal
        raise
    if signed:
        slices = signed_slices(raw, text, parsed.value)
        if not admitted_by_signature(request, slices, door.secrets, door.webhook_secret, deadline):
            raise unauthorized()
    # A signature covers only the first element of a batch: the rest needs a key as well.
    covered = signed and not isinstance(parsed.value, list)
    if not (covered or known):
        every = keys + keys_in_body(parcel.key)
        if not admitted_by_key(every, door.secrets, door.write_key, deadline):
            raise unauthorized()
    return parsed, parcel


def _take(queue: EventQueue, parcel: Parcel, parsed: Parsed, arrival: Arrival, deadline: float) -> Receipt:
    sent = None if arrival.corrected else written_time(parcel.sent_at)
    deep = deep_ones(parcel.items)
    arrival = arrival._replace(flawed=parsed.flawed, deep=deep, context=parcel.context, sent=sent)
    good, rejected = _judged(parcel.items, arrival)
    if good:
        queue.send(messages(good), deadline)
    return Receipt(len(good), rejected)


def _judged(items: Sequence[Any], arrival: Arrival) -> tuple[list[Sized], list[tuple[int, str]]]:
    good: list[Sized] = []
    rejected: list[tuple[int, str]] = []
    for index, item in enumerate(items):
        try:
            good.append(canonical(item, index, arrival))
        except Refused as refusal:
            rejected.append((index, refusal.code))
    return good, rejected
