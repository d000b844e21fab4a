"""No client input makes the front door answer 5xx: bytes, documents, headers and invocations."""

from __future__ import annotations

import gzip
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.front_door import (
    CONTEXT,
    WRITE_KEY,
    FrontDoor,
    gateway_event,
    track,
)

FIELDS = st.sampled_from(
    [
        "type",
        "event",
        "userId",
        "anonymousId",
        "groupId",
        "messageId",
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "batch",
        "json",
        "detail",
        "detail-type",
        "context",
        "properties",
        "traits",
        "writeKey",
        "previousId",
        "name",
        "groups",
        "$groups",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | st.text(), inner, max_size=6),
    max_leaves=30,
)


def statuses(
    door: FrontDoor, path: str, body: str | bytes, *, as_base64: bool, headers: dict[str, str]
) -> int:
    """Return the status of an answer whose body, if an error, is what clients need."""
    status, answer = door.knock(gateway_event(path, body, headers=headers, as_base64=as_base64))
    if status != 200:
        assert {"code", "message", "request_id"} <= set(answer)
    return status


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(200))
@given(
    st.sampled_from(["/v1/batch", "/v1/t", "/webhooks/segment"]),
    st.binary(),
    st.booleans(),
    st.sampled_from(["", "gzip", "br"]),
)
def test_fault_013_014_no_bytes_make_a_5xx(path: str, raw: bytes, gzip_it: bool, coding: str) -> None:  # noqa: FBT001 - drawn
    """Whatever bytes arrive, the answer is the client's affair."""
    body = gzip.compress(raw, mtime=0) if gzip_it else raw
    headers = {"x-write-key": WRITE_KEY, "content-encoding": coding}

    assert statuses(FrontDoor(), path, body, as_base64=True, headers=headers) < 500


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(200))
@given(st.sampled_from(["/v1/batch", "/v1/g", "/webhooks/segment"]), JSON, st.lists(JSON, max_size=3))
def test_fault_008_009_010_011_012_no_json_makes_a_5xx(path: str, document: Any, events: list[Any]) -> None:
    """Whatever JSON arrives, alone or among good events, it is accepted or refused by code."""
    body = json.dumps({"batch": [track(), *events, document]} if events else document)
    status = statuses(FrontDoor(), path, body, as_base64=False, headers={"x-write-key": WRITE_KEY})

    assert status == 200 if events else status in (200, 400)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(130))
@given(st.dictionaries(st.text(), JSON) | JSON)
def test_no_invocation_raises(event: Any) -> None:
    """A direct invocation with any JSON is answered."""
    answer = FrontDoor().handler(event, CONTEXT)

    assert "request_id" in answer or "statusCode" in answer


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(),
    st.dictionaries(
        st.sampled_from(["authorization", "x-write-key", "x-signature", "content-encoding"]), st.text()
    ),
    st.text(),
)
def test_fault_019_no_header_makes_a_5xx(path: str, headers: dict[str, str], query: str) -> None:
    """Whatever stands in path, headers and query, nobody is let in by it and nothing breaks."""
    for end in ("/t", "/segment", path):
        event = gateway_event(end, json.dumps(track()), headers=headers, query=query)

        assert FrontDoor().knock(event)[0] in (401, 404, 415)
