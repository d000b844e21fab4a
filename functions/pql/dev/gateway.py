"""HTTP requests as API Gateway hands them to a function (payload version 2.0), and back."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
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
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in request.headers:
        if name.lower() == "cookie":
            cookies += [each.strip() for each in value.split(";")]
            continue
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    encoded = not _is_text(headers.get("content-type", ""), request.body)
    body = base64.b64encode(request.body).decode() if encoded else request.body.decode("utf-8", "replace")
    if len(body) > PAYLOAD_LIMIT:
        return None
    path = unquote(parts.path)
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": parts.query,
        "headers": headers,
        "requestContext": {
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
            "requestId": request_id,
            "routeKey": route,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": bool(request.body) and encoded,
    }
    if request.body:
        event["body"] = body
    if cookies:
        event["cookies"] = cookies
    if parts.query:
        query: dict[str, str] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query[name] = f"{query[name]},{value}" if name in query else value
        event["queryStringParameters"] = query
    return event


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
