"""An HTTP request as a function sees it: HTTP API, Function URL, and REST API events alike."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import parse_qsl


class Request(NamedTuple):
    """A request; header names are in lower case, `query` holds (name, value) pairs."""

    method: str
    path: str
    headers: dict[str, str]
    query: list[tuple[str, str]]
    body: str
    is_base64: bool
    address: str | None
    id: str

    @property
    def last_segment(self) -> str:
        """Return the last part of the path, in lower case: clients may put any prefix before it."""
        return self.path.rstrip("/").rpartition("/")[2].lower()

    def header(self, name: str) -> str:
        """Return a header by its lower-case name, or an empty string."""
        return self.headers.get(name, "")


def is_http(event: Any) -> bool:
    """Return whether a Lambda event is a request; what is none was invoked under IAM."""
    return isinstance(event, dict) and isinstance(event.get("requestContext"), dict)


def request_from(event: dict[str, Any], fallback_id: str) -> Request:
    """Return the request in a payload of version 2.0 or 1.0."""
    context = event["requestContext"]
    http = _object(context.get("http"))
    address = http.get("sourceIp") or _object(context.get("identity")).get("sourceIp")
    return Request(
        method=_text(http.get("method") or event.get("httpMethod")).upper(),
        path=_text(event.get("rawPath") or event.get("path") or http.get("path")),
        headers=_headers(event),
        query=_query(event),
        body=_text(event.get("body")),
        is_base64=event.get("isBase64Encoded") is True,
        address=address if isinstance(address, str) else None,
        id=_text(context.get("requestId")) or fallback_id,
    )


def _headers(event: dict[str, Any]) -> dict[str, str]:
    single = {name: [value] for name, value in _object(event.get("headers")).items()}
    headers = single or _object(event.get("multiValueHeaders"))
    return {
        name.lower(): ",".join(_text(value) for value in values)
        for name, values in headers.items()
        if isinstance(values, list)
    }


def _query(event: dict[str, Any]) -> list[tuple[str, str]]:
    raw = event.get("rawQueryString")
    if isinstance(raw, str):
        return parse_qsl(raw)
    return [(name, _text(value)) for name, value in _object(event.get("queryStringParameters")).items()]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
