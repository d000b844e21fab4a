"""A front door on memory adapters, and the Lambda events that knock on it."""

from __future__ import annotations

import base64
import gzip
import json
from types import SimpleNamespace
from typing import Any

from fakes.memory_queue import MemoryQueue
from fakes.memory_secrets import MemorySecrets
from pql.core.places import DEFAULT_PLACES, finder
from pql.flows.ingest import Door
from pql.handlers.door_keeper import DoorKeeper

WRITE_KEY = "WRITE_KEY_TEST"
WEBHOOK_SECRET = "shhh-shared-secret"
NOW = 1_795_308_400_000  # 2026-11-22T00:46:40Z, in the hour of the recorded requests
CONTEXT = SimpleNamespace(aws_request_id="invocation-1")


class FrontDoor:
    """The handler with its queue and secrets at hand."""

    def __init__(self, places: tuple[str, ...] = DEFAULT_PLACES) -> None:
        self.queue = MemoryQueue()
        self.secrets = MemorySecrets({"write-key": [WRITE_KEY], "webhook": [WEBHOOK_SECRET]})
        self.door = Door(self.queue, self.secrets, "write-key", "webhook", finder(places))
        self.handler = DoorKeeper(
            self.door, lambda: NOW / 1000, lambda: 0.0, namespace="pql-test", service="ingest"
        )

    def knock(self, event: Any) -> tuple[int, Any]:
        """Return status and decoded body of the answer to a gateway event."""
        answer = self.handler(event, CONTEXT)
        return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None

    def post(self, path: str, document: Any, key: str | None = WRITE_KEY, **parts: Any) -> tuple[int, Any]:
        """Return status and body of the answer to `document` posted as JSON."""
        body = document if isinstance(document, str | bytes) else json.dumps(document)
        headers = parts.pop("headers", {})
        if key is not None:
            headers = {"x-write-key": key, **headers}
        return self.knock(gateway_event(path, body, headers=headers, **parts))


def gateway_event(
    path: str,
    body: str | bytes = "",
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    query: str = "",
    as_base64: bool | None = None,
    request_id: str = "request-1",
) -> dict[str, Any]:
    """Return an HTTP API event of payload version 2.0; bytes travel as base64 unless told otherwise."""
    packed = isinstance(body, bytes) if as_base64 is None else as_base64
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in (headers or {}).items()},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "203.0.113.9"},
            "requestId": request_id,
        },
        "body": base64.b64encode(raw).decode() if packed else raw.decode("utf-8", "surrogatepass"),
        "isBase64Encoded": packed,
    }


def basic(text: str | bytes) -> dict[str, str]:
    """Return an Authorization header with `text` as the whole credential."""
    raw = text.encode() if isinstance(text, str) else text
    return {"authorization": "Basic " + base64.b64encode(raw).decode()}


def gzipped(document: Any) -> bytes:
    """Return the gzip of a JSON document."""
    return gzip.compress(json.dumps(document).encode(), mtime=0)


def track(**fields: Any) -> dict[str, Any]:
    """Return a plain track event; `fields` replace or add."""
    return {
        "type": "track",
        "event": "Signed Up",
        "userId": "user_1",
        "messageId": "m-1",
        "timestamp": "2026-11-22T00:46:39.000Z",
        **fields,
    }
