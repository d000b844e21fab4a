"""The bytes of a request body: base64, gzip and UTF-8, undone and bounded.

What counts is what the bytes are, never what a header says of them: REST APIs inflate a body and
leave `Content-Encoding: gzip` in place, and RudderStack sends gzipped JSON as a web form.
"""

from __future__ import annotations

import base64
import binascii
import zlib

from pql.core.errors import Refused
from pql.core.strict_json import Parsed, parse

INFLATED_LIMIT = 32 * 1024 * 1024
# Behind each member the rest is copied once more: without a limit empty ones would cost a body's square.
MEMBERS_LIMIT = 64
GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_READABLE = frozenset({"", "identity", "gzip", "x-gzip"})
_DAMAGED = (
    "compressed bytes arrived as text and are destroyed: "
    "send them under a binary content type, or send the body uncompressed"
)


def opened(body: str, *, is_base64: bool) -> bytes:
    """Return the body's bytes, inflated if they are gzip; a signature is computed over these.

    Raises `Refused`: `bad_encoding`, also for more than 64 gzip members, or `payload_too_large` above 32 MB
    inflated.
    """
    raw = _unwrapped(body) if is_base64 else body.encode("utf-8", "surrogatepass")
    if not is_base64 and raw[:1] == b"\x1f":
        raise Refused(400, "bad_encoding", _DAMAGED)
    if raw[:2] == GZIP_MAGIC:
        raw = _inflated(raw)
        if raw[:2] == GZIP_MAGIC:
            raise Refused(400, "bad_encoding", "gzip inside gzip")
    return raw


def text_of(raw: bytes) -> str:
    """Return `raw` decoded strictly as UTF-8 without a byte order mark."""
    if raw.startswith(_BOM):
        raise Refused(400, "bad_encoding", "the body begins with a byte order mark")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, "bad_encoding", f"not UTF-8 at byte {error.start}") from error


def document(raw: bytes, encoding: str) -> tuple[str, Parsed]:
    """Return the body as text and as JSON; `encoding` is the Content-Encoding header.

    Raises `Refused`: 415 for what is no JSON and names a coding that is not ours, else 400 or 413.
    """
    try:
        text = text_of(raw)
        return text, _parsed(text)
    except Refused as refusal:
        if refusal.status == 400 and encoding.strip().lower() not in _READABLE:
            raise Refused(415, "unsupported_media_type", "the only content coding is gzip") from refusal
        raise


def _parsed(text: str) -> Parsed:
    try:
        return parse(text)
    except Refused as refusal:
        # A replacement character alone is no reason: people do paste them into valid JSON.
        if refusal.code == "invalid_json" and "\ufffd" in text:
            raise Refused(400, "bad_encoding", _DAMAGED) from refusal
        raise


def _unwrapped(body: str) -> bytes:
    # Neither bracket is in the base64 alphabet, so a wrongly flagged body is told apart for sure.
    if body.lstrip()[:1] in ("{", "["):
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(400, "bad_encoding", "not the base64 it is flagged as") from error


def _inflated(packed: bytes) -> bytes:
    """Inflate one gzip member after another, never holding more than the limit (and one block)."""
    parts: list[bytes] = []
    size = 0
    while packed:
        if len(parts) == MEMBERS_LIMIT:
            raise Refused(400, "bad_encoding", f"more than {MEMBERS_LIMIT} gzip members")
        inflater = zlib.decompressobj(wbits=31)
        try:
            part = inflater.decompress(packed, INFLATED_LIMIT - size + 1)
        except zlib.error as error:
            raise Refused(400, "bad_encoding", "damaged gzip") from error
        size += len(part)
        if size > INFLATED_LIMIT:
            raise Refused(413, "payload_too_large", "the body inflates to more than 32 MB")
        if not inflater.eof:
            raise Refused(400, "bad_encoding", "truncated gzip")
        parts.append(part)
        packed = inflater.unused_data.lstrip(b"\0")
    return b"".join(parts)
