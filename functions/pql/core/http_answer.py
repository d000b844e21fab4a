"""Answers as real clients need them.

Several SDKs take anything but exactly 200 for a failure, and retry an error whose body lacks
`code` and `message`; a browser SDK resends accepted events until it sees CORS headers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from pql.core.errors import Refused, Unavailable

REJECTED_LIMIT = 5_000  # listed; a function's answer must stay below 6 MB
CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, OPTIONS, PATCH, POST, PUT",
    # The Fetch standard excludes `authorization` from the wildcard.
    "access-control-allow-headers": (
        "authorization, content-type, content-encoding, x-retry-count, x-write-key, anonymousid, sentat, *"
    ),
    "access-control-expose-headers": "Retry-After",
    "access-control-max-age": "86400",
}


def accepted(count: int, rejected: Sequence[tuple[int, str]], request: str) -> dict[str, Any]:
    """Return the body of an answer that accepts `count` events."""
    return {"success": True, "accepted": count, **_listed(rejected), "request_id": request}


def none_accepted(rejected: Sequence[tuple[int, str]], request: str) -> dict[str, Any]:
    """Return the body of an answer to a request in which every event is bad."""
    message = "no event in the request can be accepted"
    return {**error_body("no_valid_events", message, request), **_listed(rejected)}


def error_body(code: str, message: str, request: str) -> dict[str, Any]:
    """Return the body of every error: clients read `code` and `message`, people `request_id`."""
    return {"code": code, "message": message, "request_id": request}


def http(
    status: int, body: Mapping[str, Any] | None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a Lambda proxy answer with CORS headers."""
    typed = {"content-type": "application/json"} if body is not None else {}
    return {
        "statusCode": status,
        "headers": {**CORS, **typed, **(headers or {})},
        "body": "" if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def refusal(error: Refused, request: str, allow: str | None = None) -> dict[str, Any]:
    """Return the answer to a request that will never succeed as it is."""
    return http(
        error.status, error_body(error.code, str(error), request), {"allow": allow} if allow else None
    )


def unavailable(error: Unavailable, request: str) -> dict[str, Any]:
    """Return the answer to a request that may succeed a little later; nothing internal is told."""
    body = error_body("unavailable", "not accepted: please send the same request again", request)
    return http(503, body, {"retry-after": str(max(1, math.ceil(error.retry_after)))})


def _listed(rejected: Sequence[tuple[int, str]]) -> dict[str, Any]:
    shown = [{"index": index, "code": code} for index, code in rejected[:REJECTED_LIMIT]]
    more = len(rejected) - len(shown)
    return {"rejected": shown, "rejected_unlisted": more} if more else {"rejected": shown}
