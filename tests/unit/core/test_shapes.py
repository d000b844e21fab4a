"""Every shape of a body is unfolded to its events."""

from __future__ import annotations

from typing import Any

import pytest

from pql.core.errors import Refused
from pql.core.shapes import EVENTS_LIMIT, unfolded
from pql.core.strict_json import Parsed, parse

EVENT = {"type": "track", "event": "e", "userId": "u"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (EVENT, [EVENT]),
        ([EVENT, EVENT], [EVENT, EVENT]),
        ({"batch": [EVENT, 7]}, [EVENT, 7]),
        ([{"json": EVENT}, EVENT], [EVENT, EVENT]),
        ({"json": EVENT}, [EVENT]),
        ({"batch": [{"json": EVENT}]}, [EVENT]),
        ({"version": "0", "detail-type": "track", "detail": EVENT}, [EVENT]),
        ({"detail-type": "identify", "detail": {"userId": "u"}}, [{"userId": "u", "type": "identify"}]),
        (
            {**EVENT, "batch": "7", "json": {}, "detail": {}},
            [{**EVENT, "batch": "7", "json": {}, "detail": {}}],
        ),
        ([[EVENT], None], [[EVENT], None]),
    ],
)
def test_a_body_holds_these_events(body: Any, expected: list[Any]) -> None:
    """A bare event, an array, a batch, a wrapper and EventBridge's detail all hold events."""
    assert expected == unfolded(Parsed(body, flawed=False)).items


def test_the_envelope_speaks_for_its_events() -> None:
    """Context, sentAt and key of the envelope are handed on; its messageId and timestamp are not theirs."""
    parcel = unfolded(
        Parsed(
            {
                "batch": [EVENT],
                "context": {"a": 1},
                "sentAt": "s",
                "writeKey": "k",
                "messageId": "m",
                "timestamp": "t",
            },
            flawed=False,
        )
    )

    assert ([EVENT], {"a": 1}, "s", "k") == parcel


@pytest.mark.parametrize(
    "body",
    [
        {**EVENT, "writeKey": "k"},
        [{**EVENT, "writeKey": "k"}, EVENT],
        {"batch": [{**EVENT, "writeKey": "k"}]},
    ],
)
def test_a_key_may_be_in_the_first_event(body: Any) -> None:
    """analytics.js puts the key into its events."""
    assert "k" == unfolded(Parsed(body, flawed=False)).key


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("1", 400, "invalid_json"),
        ('"track"', 400, "invalid_json"),
        ("null", 400, "invalid_json"),
        ("1e400", 400, "bad_number"),
        ("[]", 400, "empty_batch"),
        ('{"batch": []}', 400, "empty_batch"),
        ('{"batch": {}}', 400, "invalid_batch"),
        ('{"batch": null}', 400, "invalid_batch"),
        ('{"userId": 1, "userId": 2}', 400, "duplicate_key"),
        ('{"batch": [{}], "batch": [{}]}', 400, "duplicate_key"),
        ('{"batch": [{}], "context": {"a": 1, "a": 2}}', 400, "duplicate_key"),
        ('{"batch": [{}], "sentAt": 1e999}', 400, "bad_number"),
        ('{"batch": [{}], "context": ' + '{"a":' * 40 + "1" + "}" * 40 + "}", 400, "too_deep"),
        ("[" + "0," * EVENTS_LIMIT + "0]", 413, "payload_too_large"),
    ],
)
def test_a_body_without_a_readable_envelope_is_refused(text: str, status: int, code: str) -> None:
    """What is wrong outside of any event is wrong with the request."""
    with pytest.raises(Refused) as caught:
        unfolded(parse(text))

    assert (status, code) == (caught.value.status, caught.value.code)


def test_as_many_events_as_may_be_are_taken() -> None:
    """The limit itself is no fault."""
    assert EVENTS_LIMIT == len(unfolded(parse(f"[{'0,' * (EVENTS_LIMIT - 1)}0]")).items)


def test_a_flaw_inside_an_event_is_not_the_envelopes() -> None:
    """The envelope of a flawed event is read as ever."""
    assert 2 == len(unfolded(parse('{"batch": [{"a":1,"a":2}, {"b":1e400}]}')).items)
