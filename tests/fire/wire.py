"""What goes wrong between a function and what it calls: the k-th call in one of six ways, on the wire.

A call is what the code makes of boto3 or of a provider. botocore may attempt it up to three times; a fault
is of its first attempt, which botocore mends by itself, or of `every` one, which the code must.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import botocore.endpoint
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from fakes.crashing_store import Killed
from fire.faults import Way
from pql.adapters import slack_http

# What each service says when it is asked too often: status, and the code.
_THROTTLED: Final = {
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "sqs": (400, "RequestThrottled"),
    "secrets-manager": (400, "ThrottlingException"),
    "sns": (400, "Throttling"),
    "s3": (503, "SlowDown"),
}
Providers = Callable[[str, str, bytes], tuple[int, str]]


class Wire:
    """Passes calls on, and breaks the one whose number is `at`. Only those that functions make, while `live`.

    `called` are their names in order, `broken` the numbers of those that were.
    """

    def __init__(self, at: int = -1, way: Way = "killed before", *, every: bool = False) -> None:
        self.at = at
        self.way = way
        self.every = every
        self.live = False
        self.called: list[str] = []
        self.broken: list[int] = []
        self._invocation = ""
        self._doomed = ""
        self._how: Way | None = None

    def broke_beside(self, name: str) -> int:
        """Return how many calls of this name were broken, or were followed by one that was."""
        return sum(name in self.called[max(0, number - 1) : number + 1] for number in self.broken)

    def attempt(self, name: str, invocation: str, perform: Callable[[], Any], trouble: Trouble) -> Any:
        """Make an attempt of a call, or break it; attempts of one call have the same `invocation`."""
        if invocation != self._invocation or not invocation:
            self._invocation = invocation
            self._how = self._fate(name)
        elif not self.every:
            self._how = None
        if self._how is None:
            return perform()
        if self._how == "killed before":
            raise Killed
        if self._how == "request lost":
            raise trouble.not_sent
        if self._how == "throttled":
            return trouble.throttled
        perform()
        if self._how == "response lost":
            raise trouble.not_answered
        raise Killed

    def _fate(self, name: str) -> Way | None:
        number = len(self.called)
        self.called.append(name)
        if number == self.at:
            self.broken.append(number)
            self._doomed = name if self.way == "killed twice" else ""
            return "killed after" if self.way == "killed twice" else self.way
        if name == self._doomed:
            self._doomed = ""
            self.broken.append(number)
            return "killed after"
        return None


class Trouble(SimpleNamespace):
    """How a caller learns that its request was `not_sent`, `not_answered` or `throttled`."""

    not_sent: Exception
    not_answered: Exception
    throttled: Any


class Line:
    """Every call there is, over one `wire` at a time; `providers` answers what is not AWS."""

    def __init__(self, providers: Providers) -> None:
        self.wire = Wire()
        self.providers = providers

    @contextmanager
    def laid(self) -> Iterator[None]:
        """Run the block with calls of boto3 and urllib3 over the wire, and no pause between attempts."""
        answer = BotocoreStubber.__call__
        line = self

        def call(stub: Any, event_name: str, request: Any, **more: Any) -> Any:
            def perform() -> Any:
                return answer(stub, event_name, request, **more)

            if not line.wire.live:
                return perform()
            _, service, operation = event_name.split(".")
            invocation = request.headers.get("amz-sdk-invocation-id", b"")
            return line.wire.attempt(
                f"{service} {operation}", str(invocation), perform, _of_aws(service, request.url)
            )

        def post(pool: Any, method: str, url: str, body: bytes = b"", *_: Any, **__: Any) -> Any:
            def perform() -> Any:
                return _response(*line.providers(pool.host, url, body))

            return line.wire.attempt(f"{method} {pool.host}{url}", "", perform, _of_provider(pool, url))

        def itself(host: str, _: int) -> list[str]:
            return [host]  # so that providers are known by their names

        patience = SimpleNamespace(sleep=lambda _: None)
        with (
            patch.object(slack_http, "resolved", itself),
            patch.object(BotocoreStubber, "__call__", call),
            patch.object(urllib3.HTTPConnectionPool, "urlopen", post),
            patch.object(botocore.endpoint, "time", patience),
        ):
            yield


def _of_aws(service: str, url: str) -> Trouble:
    status, code = _THROTTLED[service]
    if service in ("sns", "s3"):
        error = f"<Error><Code>{code}</Code><Message>slower</Message></Error>"
        told = f"<ErrorResponse>{error}</ErrorResponse>" if service == "sns" else error
    else:
        told = json.dumps({"__type": f"com.amazonaws#{code}", "message": "slower"})
    return Trouble(
        not_sent=ConnectTimeoutError(endpoint_url=url),
        not_answered=ReadTimeoutError(endpoint_url=url),
        throttled=AWSResponse(url, status, {}, MockRawResponse(told.encode())),
    )


def _of_provider(pool: Any, url: str) -> Trouble:
    return Trouble(
        not_sent=urllib3.exceptions.ConnectTimeoutError(pool, "no connection"),
        not_answered=urllib3.exceptions.ReadTimeoutError(pool, url, "no answer"),
        throttled=_response(429, "slower"),
    )


def _response(status: int, body: str) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(io.BytesIO(body.encode()), status=status, preload_content=False)
