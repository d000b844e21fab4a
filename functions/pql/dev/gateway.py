"""HTTP requests as API Gateway hands them to a function (payload version 2.0), and back."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# What Lambda takes as one event; API Gateway's own limit of 10 MB is never reached.
PAYLOAD_LIMIT = 6 * 1024 * 1024
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Request:
    """An HTTP request as it came in; `target` is the path with its query string."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source: str = "127.0.0.1"


@dataclass(frozen=True)
class Response:
    """An HTTP answer."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def message(status: int, text: str) -> Response:
    """Return an answer of the gateway's own."""
    body = json.dumps({"message": text}).encode()
    return Response(status, [("Content-Type", "application/json")], body)


TOO_LARGE = message(413, "Request Entity Too Large")
NOT_FOUND = message(404, "Not Found")
UNAVAILABLE = message(503, "Service Unavailable")
BROKEN = message(500, "Internal Server Error")


def event_of(request: Request, request_id: str, route: str) -> dict[str, Any] | None:
    """Return the event for `request`, or None if it is larger than a function may be given."""
    parts = urlsplit(request.target)
    named = [(name.lower(), value) for name, value in request.headers]
    headers = _joined((name, value) for name, value in named if name != "cookie")
    cookies = [each.strip() for name, value in named if name == "cookie" for each in value.split(";")]
    encoded = not _is_text(headers.get("content-type", ""), request.body)
    body = base64.b64encode(request.body).decode() if encoded else request.body.decode("utf-8", "replace")
    if len(body) > PAYLOAD_LIMIT:
        return None
    path = unquote(parts.path)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": parts.query,
        "headers": headers,
        "requestContext": {
            "requestId": request_id,
            "routeKey": route,
            **_context(request, path, headers, time.time()),
        },
        "isBase64Encoded": bool(request.body) and encoded,
    }
    if request.body:
        event["body"] = body
    if cookies:
        event["cookies"] = cookies
    if parts.query:
        event["queryStringParameters"] = _joined(parse_qsl(parts.query, keep_blank_values=True))
    return event


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values by name, those of one name with commas between them."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _context(request: Request, path: str, headers: Mapping[str, str], now: float) -> dict[str, Any]:
    """Return what the gateway says of a request that came in `now` (epoch seconds)."""
    return {
        "accountId": "anonymous",
        "apiId": "local",
        "domainName": headers.get("host", ""),
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source,
            "userAgent": headers.get("user-agent", ""),
        },
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }


def response_of(result: Any) -> Response:
    """Return the HTTP answer that a handler's result means."""
    if not isinstance(result, Mapping) or "statusCode" not in result:
        body = "" if result is None else json.dumps(result)
        return Response(200, [("Content-Type", "application/json")], body.encode())
    headers = [(name, str(value)) for name, value in (result.get("headers") or {}).items()]
    headers += [("Set-Cookie", cookie) for cookie in result.get("cookies") or []]
    content = result.get("body") or ""
    raw = base64.b64decode(content) if result.get("isBase64Encoded") else content.encode()
    return Response(int(result["statusCode"]), headers, raw)


def matches(route: str, method: str, path: str) -> bool:
    """Return whether a route key such as `ANY /{proxy+}` takes this request."""
    if route == "$default":
        return True
    wanted, _, pattern = route.partition(" ")
    if wanted not in {"ANY", method}:
        return False
    expected, found = pattern.strip("/").split("/"), path.strip("/").split("/")
    for index, part in enumerate(expected):
        if part.startswith("{") and part.endswith("+}"):
            return len(found) > index and found[index] != ""
        if index >= len(found) or (found[index] != part and not part.startswith("{")):
            return False
    return len(expected) == len(found)


def _is_text(content_type: str, body: bytes) -> bool:
    return content_type.strip().lower().startswith(_TEXT_TYPES) and not body.startswith(_GZIP)
