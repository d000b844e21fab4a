"""Requests are read from every gateway's payload, and answered as real clients need it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.front_door import gateway_event
from pql.core import http_answer
from pql.core.errors import Refused, Unavailable
from pql.core.http_request import is_http, request_from

REST = {
    "httpMethod": "post",
    "path": "/prod/v1/T/",
    "headers": {"X-Write-Key": "k", "Content-Type": "text/plain"},
    "queryStringParameters": {"writeKey": "q"},
    "requestContext": {"requestId": "r", "identity": {"sourceIp": "192.0.2.1"}},
    "body": "{}",
    "isBase64Encoded": False,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def test_an_http_api_event_is_read() -> None:
    """Payload version 2.0: HTTP API and Function URL."""
    event = gateway_event(
        "/v1/batch", "{}", headers={"X-Write-Key": "k"}, query="a=1&writeKey=a%20b&writeKey=c"
    )
    request = request_from(event, "fallback")

    assert ("POST", "batch", "203.0.113.9", "request-1") == (
        request.method,
        request.last_segment,
        request.address,
        request.id,
    )
    assert [("a", "1"), ("writeKey", "a b"), ("writeKey", "c")] == request.query
    assert ("k", "") == (request.header("x-write-key"), request.header("authorization"))


def test_a_rest_api_event_is_read() -> None:
    """Payload version 1.0 keeps the sender's letter case in headers."""
    request = request_from(REST, "fallback")

    assert ("POST", "t", "192.0.2.1", "r", "{}") == (
        request.method,
        request.last_segment,
        request.address,
        request.id,
        request.body,
    )
    assert ("k", [("writeKey", "q")]) == (request.header("x-write-key"), request.query)


def test_a_request_without_an_id_has_that_of_its_invocation() -> None:
    """People look for it in the log."""
    assert "fallback" == request_from({**REST, "requestContext": {}}, "fallback").id


def test_repeated_headers_are_joined() -> None:
    """Where a gateway gives lists of values they are joined with commas."""
    event = {**REST, "headers": None, "multiValueHeaders": {"A": ["1", "2"]}}

    assert "1,2" == request_from(event, "").header("a")


@pytest.mark.parametrize(
    ("event", "expected"),
    [(REST, True), (gateway_event("/"), True), ({"type": "track"}, False), ([], False), (None, False)],
)
def test_a_request_is_told_from_an_invocation(event: Any, *, expected: bool) -> None:
    """Only gateways make a request context."""
    assert expected == is_http(event)


@given(
    st.dictionaries(st.sampled_from(list(REST) + list(gateway_event("/"))), JSON),
    st.dictionaries(st.sampled_from(["http", "identity", "requestId"]), JSON),
)
def test_any_event_is_read(event: dict[str, Any], context: dict[str, Any]) -> None:
    """Fields of the wrong kind are as good as missing."""
    request = request_from({**event, "requestContext": context}, "fallback")

    assert isinstance(request.body, str)
    assert all(isinstance(value, str) for value in request.headers.values())


def test_a_browser_is_allowed_every_header_that_a_client_sends() -> None:
    """By its name, as the wildcard does not speak of credentials; and it asks once a day, not once a call."""
    headers = http_answer.http(204, None)["headers"]
    sent = {"authorization", "content-type", "x-retry-count", "x-write-key", "anonymousid", "sentat"}

    assert sent == sent & set(headers["access-control-allow-headers"].split(", "))
    assert "POST" in headers["access-control-allow-methods"].split(", ")
    assert 86_400 == int(headers["access-control-max-age"])


def test_every_answer_lets_a_browser_read_it() -> None:
    """CORS headers are on errors too, and name `authorization` instead of trusting the wildcard."""
    answers = [
        http_answer.http(200, {}),
        http_answer.refusal(Refused(401, "c", "m"), "r"),
        http_answer.unavailable(Unavailable("x"), "r"),
    ]

    for answer in answers:
        assert "*" == answer["headers"]["access-control-allow-origin"]
        assert "authorization" in answer["headers"]["access-control-allow-headers"]
        assert "Retry-After" == answer["headers"]["access-control-expose-headers"]


@pytest.mark.parametrize(
    "answer",
    [
        http_answer.refusal(Refused(405, "c", "m"), "r", "POST"),
        http_answer.unavailable(Unavailable("x"), "r"),
    ],
)
def test_fault_007_every_error_has_code_message_and_request_id(answer: dict[str, Any]) -> None:
    """Four SDKs retry an error body without code and message eleven times."""
    assert {"code", "message", "request_id"} == set(json.loads(answer["body"]))


@pytest.mark.parametrize(("seconds", "expected"), [(0, "1"), (0.2, "1"), (1.5, "2"), (30.0, "30")])
def test_retry_after_is_whole_seconds(seconds: float, expected: str) -> None:
    """Clients parse Retry-After as an integer."""
    assert expected == http_answer.unavailable(Unavailable("x", seconds), "r")["headers"]["retry-after"]


def test_a_long_list_of_rejected_events_is_cut() -> None:
    """An answer stays far below what a function may return, and says how much it leaves out."""
    body = http_answer.accepted(1, [(index, "not_an_object") for index in range(20_000)], "r")

    assert (http_answer.REJECTED_LIMIT, 15_000) == (len(body["rejected"]), body["rejected_unlisted"])
