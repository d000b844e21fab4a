"""The table, the queues and the archive of the local world for commands in another terminal, on a port.

It is a port of its own: whoever lets the world at the front door through a tunnel, for webhooks, does not
let it read the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from pql.dev.embedded_aws import DYNAMODB, dynamodb, forwarded
from pql.dev.gateway import Request, Response
from pql.dev.loopback import LOOPBACK

_XML = [("Content-Type", "text/xml")]
_JSON = [("Content-Type", "application/x-amz-json-1.0")]
# Every SDK says in its signature which service it calls.
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[a-z0-9-]+/([a-z0-9-]+)/aws4_request")
_FORWARDED = ("s3", "secretsmanager", "sqs")
_STACKS = "cloudformation"
# Of this connection, not of the call.
_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding"})


def door(
    names: Mapping[str, str], parameters: Mapping[str, str] = MappingProxyType({})
) -> Callable[[Request], Response]:
    """Return what answers calls as SDKs send them.

    `names` are the physical ids of the stack's resources, `parameters` what was chosen for it.

    A browser that was led here by another name is no terminal.
    """

    def answer(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers}
        target = headers.get("x-amz-target", "")
        scope = _SCOPE.search(headers.get("authorization", ""))
        service = scope[1] if scope else ""
        if urlsplit(f"//{headers.get('host', '')}").hostname not in LOOPBACK:
            return _refused()
        if request.method == "POST" and target.startswith(DYNAMODB):
            status, content = dynamodb(target.removeprefix(DYNAMODB), request.body)
            return Response(status, _JSON, content)
        if service == _STACKS and b"Action=ListStackResources" in request.body:
            return Response(200, _XML, _listed(names))
        if service == _STACKS and b"Action=DescribeStacks" in request.body:
            return Response(200, _XML, _described(parameters))
        if service not in _FORWARDED:
            return _refused()
        passed = {name: value for name, value in headers.items() if name not in _HOP}
        made, told, content = forwarded(service, request.method, request.target, passed, request.body)
        return Response(made, [(name, str(value)) for name, value in told.items()], content)

    return answer


def _refused() -> Response:
    body = {
        "__type": "UnknownOperationException",
        "message": "pql dev: only the services of the stack answer here",
    }
    return Response(400, _JSON, json.dumps(body).encode())


def _listed(names: Mapping[str, str]) -> bytes:
    """Return the answer of CloudFormation that lists a stack's resources."""
    members = "".join(
        f"<member><LogicalResourceId>{escape(name)}</LogicalResourceId>"
        f"<PhysicalResourceId>{escape(physical)}</PhysicalResourceId>"
        "<ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
        for name, physical in names.items()
    )
    return (
        "<ListStackResourcesResponse><ListStackResourcesResult>"
        f"<StackResourceSummaries>{members}</StackResourceSummaries>"
        "</ListStackResourcesResult></ListStackResourcesResponse>"
    ).encode()


def _described(parameters: Mapping[str, str]) -> bytes:
    """Return the answer of CloudFormation that says how the stack stands."""
    members = "".join(
        f"<member><ParameterKey>{escape(name)}</ParameterKey>"
        f"<ParameterValue>{escape(value)}</ParameterValue></member>"
        for name, value in parameters.items()
    )
    return (
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>pql</StackName>"
        "<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>"
        f"<Parameters>{members}</Parameters></member></Stacks>"
        "</DescribeStacksResult></DescribeStacksResponse>"
    ).encode()
