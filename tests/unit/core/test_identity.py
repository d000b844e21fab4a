"""Ids are text, and a resend has the id of the first try."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.identity import event_id, id_text

EVENT = {
    "type": "track",
    "event": "Signed Up",
    "userId": "u",
    "properties": {"a": 1, "b": 2},
    "timestamp": "2026-11-22",
}


def identified(item: dict[str, Any], own: int | None = 5, request: str = "r", index: int = 0) -> str:
    """Return the id of `item`."""
    return event_id(item, "track", own, request, index).id


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("acct", "acct"),
        ("777", "777"),
        (777, "777"),
        (777.0, "777"),
        (1.5, "1.5"),
        (0, "0"),
        (-3, "-3"),
        (1e21, "1" + "0" * 21),
        (10**30, "1" + "0" * 30),
        ("", None),
        ("  \t", None),
        (None, None),
        (True, None),
        (False, None),
        ({}, None),
        ([], None),
    ],
)
def test_fault_028_an_id_is_text(value: object, expected: str | None) -> None:
    """Numbers become their digits; blanks, booleans and structures are no ids."""
    assert expected == id_text(value)


@given(st.text(min_size=1).filter(lambda text: not text.isspace()))
def test_fault_028_an_id_is_32_hex_digits(message: str) -> None:
    """Any messageId, of any length and characters, gives an id of one form."""
    found = event_id({"messageId": message}, "track", None, "r", 0)

    assert (32, False) == (len(found.id), found.weak)
    assert int(found.id, 16) >= 0


def test_fault_029_a_message_id_alone_decides() -> None:
    """The same messageId is the same event, whatever else differs."""
    assert identified({"messageId": 7}) == identified(
        {**EVENT, "messageId": "7"}, own=9, request="other", index=3
    )


def test_a_lone_surrogate_in_a_message_id_is_hashed() -> None:
    """Two broken messageIds stay two events."""
    assert identified({"messageId": "\ud800"}) != identified({"messageId": "\udfff"})


@pytest.mark.parametrize("message", ["", "  ", None, True, {}, []])
def test_fault_028_without_a_message_id_the_content_decides(message: object) -> None:
    """A resend without messageId differs in what the sender stamps on it, and is still the same event."""
    first = {**EVENT, "messageId": message, "sentAt": "1", "context": {"ip": "a"}}
    again = {
        **dict(reversed(EVENT.items())),
        "sentAt": "2",
        "receivedAt": "3",
        "_metadata": {},
        "writeKey": "k",
    }

    assert identified(first) == identified(again, request="other", index=1)


def test_a_corrected_time_is_no_content_beside_the_original() -> None:
    """A webhook's `timestamp` changes with every resend, its `originalTimestamp` does not."""
    event = {**EVENT, "originalTimestamp": "2026-11-21"}

    assert identified({**event, "timestamp": "1"}) == identified({**event, "timestamp": "2"})


@pytest.mark.parametrize(
    "change", [{"event": "Other"}, {"userId": "v"}, {"timestamp": "2026-11-23"}, {"properties": {"a": 1}}]
)
def test_other_content_is_another_event(change: dict[str, Any]) -> None:
    """Content that differs in what a user did makes another id."""
    assert identified(EVENT) != identified({**EVENT, **change})


def test_fault_028_without_any_time_the_request_decides() -> None:
    """Such an id is weak: each request and place in it is an event of its own."""
    found = event_id(EVENT, "track", None, "r", 0)

    assert found.weak
    assert 3 == len({found.id, identified(EVENT, None, "r", 1), identified(EVENT, None, "s", 0)})
