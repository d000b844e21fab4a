"""Who may send: write keys from every place a client puts one, and Segment's webhook signature."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pql.core.errors import Refused
from pql.core.http_request import Request
from pql.core.strict_json import slice_end
from pql.flows.ports import Secrets

_WRAPPER = re.compile(r'\{[ \t\r\n]*"json"[ \t\r\n]*:[ \t\r\n]*')
_FIRST = re.compile(r"[ \t\r\n]*\[[ \t\r\n]*")


def unauthorized() -> Refused:
    """Return the one refusal for missing, unknown and wrong credentials."""
    return Refused(401, "unauthorized", "no valid write key or signature")


def keys_beside_body(request: Request) -> list[bytes]:
    """Return the keys in headers and query; a Basic user counts with and without its colon."""
    scheme, _, credential = request.header("authorization").strip().partition(" ")
    found = [_bytes(request.header("x-write-key")), _bytes(request.header("x-api-key"))]
    if scheme.lower() == "basic":
        found += _basic(credential.strip())
    elif scheme.lower() == "bearer":
        found.append(_bytes(credential))
    found += [_bytes(value) for name, value in request.query if name == "writeKey"]
    return [key for key in found if key]


def keys_in_body(key: str | None) -> list[bytes]:
    """Return the key that the envelope or the first event holds."""
    return [_bytes(key)] if key else []


def holds(candidates: Sequence[bytes], secrets: Iterable[bytes]) -> bool:
    """Return whether any candidate is a secret, comparing every pair in constant time."""
    found = [
        hmac.compare_digest(candidate, secret) for secret in secrets if secret for candidate in candidates
    ]
    return any(found)


def admitted_by_key(keys: Sequence[bytes], secrets: Secrets, name: str, deadline: float = math.inf) -> bool:
    """Return whether a key is valid; a wrong one forces one refresh, as rotation may just have happened."""
    if not keys:
        return False
    return holds(keys, secrets.values(name, deadline)) or holds(keys, secrets.refresh(name, deadline))


def admitted_by_signature(
    request: Request, slices: Sequence[bytes], secrets: Secrets, name: str, deadline: float = math.inf
) -> bool:
    """Return whether X-Signature is the hex HMAC-SHA1 of any of `slices`; refreshes as keys do."""
    signature = [_bytes(request.header("x-signature").strip().lower())]

    def signed(values: Iterable[bytes]) -> bool:
        return holds(signature, [_hmac(value, part) for value in values if value for part in slices])

    return signed(secrets.values(name, deadline)) or signed(secrets.refresh(name, deadline))


def signed_slices(raw: bytes, text: str, value: Any) -> list[bytes]:
    """Return what a signature may cover: the body, or the raw first element of an array.

    Segment signs the first element of a batch only, and inside a `{"json": …}` wrapper the event
    alone. The bytes are cut out, never written anew: `1e-7` would become `1e-07`.
    """
    if not isinstance(value, list):
        return [raw]
    opening = _FIRST.match(text)
    start = opening.end() if opening else 0
    wrapper = _WRAPPER.match(text, start)
    starts = [start, wrapper.end()] if wrapper else [start]
    ends = [(begin, slice_end(text, begin)) for begin in starts]
    return [raw, *(text[begin:end].encode() for begin, end in ends if end is not None)]


def _basic(credential: str) -> list[bytes]:
    try:
        decoded = base64.b64decode(credential.encode("ascii"))
    except (binascii.Error, ValueError):
        return []
    # Jitsu's keys contain a colon themselves.
    return [decoded, decoded.partition(b":")[0], decoded.rpartition(b":")[0]]


def _hmac(secret: bytes, message: bytes) -> bytes:
    return hmac.new(secret, message, hashlib.sha1).hexdigest().encode()


def _bytes(text: str) -> bytes:
    return text.strip().encode("utf-8", "surrogatepass")
