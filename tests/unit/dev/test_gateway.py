"""HTTP requests as API Gateway hands them over, and answers as it sends them."""

from __future__ import annotations

import base64
import gzip

import pytest

from pql.dev.gateway import PAYLOAD_LIMIT, Request, Response, event_of, matches, response_of

JSON = ("Content-Type", "application/json")


def event(
    body: bytes = b"", headers: tuple[tuple[str, str], ...] = (JSON,), target: str = "/v1/batch"
) -> dict[str, object]:
    """Return the event for a POST."""
    made = event_of(Request("POST", target, headers, body, "127.0.0.9"), "request-1", "$default")
    assert made is not None
    return made


def test_the_shape_of_a_request() -> None:
    """Path, query, method, source address and request id stand where payload 2.0 puts them."""
    made = event(b"{}", target="/v1/b%20c?writeKey=a%20b&x=1&x=2")

    assert (made["version"], made["rawPath"], made["rawQueryString"]) == (
        "2.0",
        "/v1/b c",
        "writeKey=a%20b&x=1&x=2",
    )
    assert made["queryStringParameters"] == {"writeKey": "a b", "x": "1,2"}
    context = made["requestContext"]
    assert context["requestId"] == "request-1"
    assert context["http"]["method"] == "POST"
    assert context["http"]["sourceIp"] == "127.0.0.9"


def test_headers_are_lower_case_and_repeats_joined() -> None:
    """A function sees each header once, in lower case, repeats joined by commas; cookies apart."""
    made = event(headers=(("X-One", "a"), ("x-one", "b"), ("Cookie", "c=1; d=2")))

    assert made["headers"] == {"x-one": "a,b"}
    assert made["cookies"] == ["c=1", "d=2"]


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json", b"{}", False),
        ("Application/JSON; charset=utf-8", b"{}", False),
        ("text/plain", b"{}", False),
        ("application/xml", b"<a/>", False),
        ("application/javascript", b"1", False),
        ("application/json", gzip.compress(b"{}", mtime=0), True),
        ("text/plain", gzip.compress(b"{}", mtime=0), True),
        ("application/x-www-form-urlencoded", b"{}", True),
        ("application/octet-stream", b"{}", True),
        ("", b"{}", True),
    ],
)
def test_what_is_text_and_what_is_base64(content_type: str, body: bytes, *, encoded: bool) -> None:
    """Text types travel as text, everything else and gzip as base64, and no byte is lost."""
    made = event(body, (("Content-Type", content_type),))
    carried = base64.b64decode(made["body"]) if made["isBase64Encoded"] else made["body"].encode()

    assert encoded is made["isBase64Encoded"]
    assert body == carried


def test_a_body_larger_than_an_event_makes_none() -> None:
    """The limit is on the body as it is carried, so base64 reaches it at three quarters."""
    at_limit, above = b"a" * PAYLOAD_LIMIT, b"a" * (PAYLOAD_LIMIT + 1)
    binary = (("Content-Type", "application/octet-stream"),)

    assert event_of(Request("POST", "/", (JSON,), at_limit), "", "") is not None
    assert event_of(Request("POST", "/", (JSON,), above), "", "") is None
    assert event_of(Request("POST", "/", binary, at_limit), "", "") is None


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            {"statusCode": 202, "headers": {"X-A": "1"}, "cookies": ["a=1"], "body": "é"},
            Response(202, [("X-A", "1"), ("Set-Cookie", "a=1")], "é".encode()),
        ),
        ({"statusCode": 204}, Response(204, [], b"")),
        ({"statusCode": 200, "body": "AAE=", "isBase64Encoded": True}, Response(200, [], b"\x00\x01")),
        ({"ok": True}, Response(200, [("Content-Type", "application/json")], b'{"ok": true}')),
    ],
)
def test_answers(result: object, expected: Response) -> None:
    """A proxy answer is sent as it says; anything else is JSON with status 200."""
    assert expected == response_of(result)


@pytest.mark.parametrize(
    ("route", "method", "path", "expected"),
    [
        ("ANY /{proxy+}", "POST", "/v1/batch", True),
        ("ANY /{proxy+}", "GET", "/", False),
        ("POST /v1/batch", "POST", "/v1/batch", True),
        ("POST /v1/batch", "GET", "/v1/batch", False),
        ("POST /v1/batch", "POST", "/v1/batch/more", False),
        ("POST /v1/{name}", "POST", "/v1/track", True),
        ("POST /v1/{name}", "POST", "/v1", False),
        ("POST /hooks/{proxy+}", "POST", "/hooks", False),
        ("POST /hooks/{proxy+}", "POST", "/hooks/a/b", True),
        ("$default", "PUT", "/", True),
    ],
)
def test_routes(route: str, method: str, path: str, *, expected: bool) -> None:
    """A route takes the requests that API Gateway would give it."""
    assert expected is matches(route, method, path)
