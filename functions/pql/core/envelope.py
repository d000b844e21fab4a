"""The queue message: a versioned envelope around canonical events, always ASCII.

Small envelopes stay readable JSON. Above `PACK_FROM` bytes they are gzipped and base64-encoded:
SQS bills in 64 KiB steps and the Lambda runtime decodes the payload before the handler sees it,
which costs 13-16 µs an event plain and 0.3 µs packed.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Sequence

import msgspec

from pql.core.complaints import UNREADABLE, without_value
from pql.core.errors import NewerVersion, Poison
from pql.core.event import Event

VERSION = 1
PACK_FROM = 8_192
INFLATED_LIMIT = 32 * 1024 * 1024


class Envelope(msgspec.Struct, frozen=True):
    """Events that travel together, in the order in which they were sent."""

    v: int
    events: list[Event]


class _Version(msgspec.Struct):
    v: int


_DECODER = msgspec.json.Decoder(Envelope)
_VERSION = msgspec.json.Decoder(_Version)
_ENCODER = msgspec.json.Encoder()


def encode(events: Sequence[Event]) -> str:
    """Return the message body for `events`: printable ASCII, which SQS never refuses."""
    plain = _ENCODER.encode(Envelope(VERSION, list(events)))
    if len(plain) >= PACK_FROM:
        return base64.b64encode(gzip.compress(plain, 1, mtime=0)).decode("ascii")
    if plain.isascii():
        return plain.decode("ascii")
    return json.dumps(json.loads(plain), separators=(",", ":"))


def decode(body: str) -> list[Event]:
    """Return the events of a message body.

    Raises `Poison` for anything `encode` cannot have written, and `NewerVersion` for an envelope
    of a newer deployment, which must be left in the queue.
    """
    plain = body.encode("utf-8", "replace")
    if not body.startswith("{"):
        plain = _inflate(plain)
    try:
        envelope = _DECODER.decode(plain)
    except UNREADABLE as error:
        raise _blame(plain, error) from error
    if envelope.v != VERSION:
        raise _blame(plain, ValueError("another version"))
    _check_ids(envelope.events)
    return envelope.events


def _check_ids(events: Sequence[Event]) -> None:
    """Look at all ids at once: a pattern on each costs as much again as decoding the event."""
    try:
        whole = bytes.fromhex("".join([event.id for event in events]))
    except ValueError as error:
        raise Poison("an event id is not hexadecimal") from error
    if len(whole) != 16 * len(events):  # fromhex passes over spaces
        raise Poison("an event id is not hexadecimal")


def _inflate(packed: bytes) -> bytes:
    try:
        inflater = zlib.decompressobj(wbits=31)
        plain = inflater.decompress(base64.b64decode(packed, validate=True), INFLATED_LIMIT)
    except (binascii.Error, zlib.error) as error:
        raise Poison(f"queue message is neither JSON nor packed JSON: {without_value(error)}") from error
    if inflater.unconsumed_tail:
        raise Poison(f"queue message inflates to more than {INFLATED_LIMIT} bytes")
    return plain


def _blame(plain: bytes, error: Exception) -> Exception:
    try:
        version = _VERSION.decode(plain).v
    except UNREADABLE:
        return Poison(f"queue message is no envelope: {without_value(error)}")
    if version > VERSION:
        return NewerVersion(f"envelope version {version}, this code knows {VERSION}")
    return Poison(f"queue message is no envelope of version {VERSION}: {without_value(error)}")
