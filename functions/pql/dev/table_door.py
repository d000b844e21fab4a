"""The table of the local world for commands in another terminal: DynamoDB's own protocol on a port.

It is a port of its own: whoever lets the world at the front door through a tunnel, for webhooks, does not
let it read the table.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from pql.dev.embedded_aws import dynamodb
from pql.dev.gateway import Request, Response

_TARGET = "DynamoDB_20120810."
_JSON = [("Content-Type", "application/x-amz-json-1.0")]
_LOOPBACK = ("127.0.0.1", "localhost")


def answer(request: Request) -> Response:
    """Return what DynamoDB answers to a call as an SDK sends it, and 400 to anything else.

    A browser that was led here by another name is no terminal.
    """
    headers = {name.lower(): value for name, value in request.headers}
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    target = headers.get("x-amz-target", "")
    if request.method != "POST" or host not in _LOOPBACK or not target.startswith(_TARGET):
        body = {"__type": "UnknownOperationException", "message": "pql dev: only DynamoDB answers here"}
        return Response(400, _JSON, json.dumps(body).encode())
    status, content = dynamodb(target.removeprefix(_TARGET), request.body)
    return Response(status, _JSON, content)
