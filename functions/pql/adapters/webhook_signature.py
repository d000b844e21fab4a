"""Signatures as Standard Webhooks 1.0 wants them (https://www.standardwebhooks.com).

A receiver verifies them with any library of that standard, in any language.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
# The standard asks for 24 to 64 bytes of chance.
SHORTEST, LONGEST = 24, 64


def signing_key(secret: str) -> bytes:
    """Return the key in a secret, `whsec_` and base64; raises `ValueError`, which does not repeat it."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a signing secret is whsec_ and base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a signing secret holds {SHORTEST} to {LONGEST} bytes")
    return key


def signed(keys: Sequence[bytes], identifier: str, seconds: int, body: bytes) -> Mapping[str, str]:
    """Return the three headers of a message: its id, its time, and a signature by each key.

    During a rotation there are two keys, and the receiver accepts whichever it knows.
    """
    content = f"{identifier}.{seconds}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }
