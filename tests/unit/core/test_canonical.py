"""An event is judged on its own and written in one canonical form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes.front_door import NOW, track
from pql.core.canonical import SIZE_LIMIT, Arrival, canonical
from pql.core.clean_text import scrubbed
from pql.core.errors import Refused
from pql.core.event import Event
from pql.core.places import finder
from pql.core.strict_json import parse

ARRIVAL = Arrival(received=NOW, request="r", source="sdk", account_of=finder())


def event(item: dict[str, Any], **arrival: Any) -> Event:
    """Return the canonical event of `item`."""
    return canonical(item, 0, ARRIVAL._replace(**arrival)).event


def code(item: Any, **arrival: Any) -> str:
    """Return the code under which `item` is rejected."""
    with pytest.raises(Refused) as caught:
        canonical(item, 0, ARRIVAL._replace(**arrival))
    return caught.value.code


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (None, "not_an_object"),
        ("track", "not_an_object"),
        ([track()], "not_an_object"),
        ({}, "unknown_type"),
        (track(type="delete"), "unknown_type"),
        (track(type=7), "unknown_type"),
        (track(userId=None), "no_user_anon_id"),
        (track(userId=""), "no_user_anon_id"),
        (track(userId=True), "no_user_anon_id"),
        (track(userId={"id": 1}), "no_user_anon_id"),
        (track(event=None), "missing_event"),
        (track(event=""), "missing_event"),
        (track(event={"name": "x"}), "bad_field"),
        ({"type": "group", "groupId": "g"}, "no_user_anon_id"),
        ({"type": "group", "userId": "u"}, "missing_group_id"),
        ({"type": "alias", "userId": "u"}, "missing_previous_id"),
        (track(properties={"text": "x" * 210_000}), "too_large"),
        (track(userId="u" * 513), "id_too_long"),
        (track(anonymousId="é" * 257), "id_too_long"),
        (track(context={"groupId": "a" * 513}), "id_too_long"),
        ({"type": "alias", "userId": "u", "previousId": "p" * 513}, "id_too_long"),
    ],
)
def test_fault_016_a_bad_event_has_a_code(item: Any, expected: str) -> None:
    """Each reason not to take an event has a stable code."""
    assert expected == code(item)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type":"track","event":"e","userId":"u","userId":"v"}', "duplicate_key"),
        ('{"type":"track","event":"e","userId":"u","properties":{"a":1e400}}', "bad_number"),
        ('{"type":"track","event":"e","userId":"u","extra":[' + "9" * 50 + "]}", "bad_number"),
        (
            '{"type":"track","event":"e","userId":"u","properties":{"a":' + "[" * 31 + "]" * 31 + "}}",
            "too_deep",
        ),
    ],
)
def test_a_flawed_event_has_the_flaws_code(text: str, expected: str) -> None:
    """What strict reading found anywhere inside an event is its reason."""
    value, flawed = parse(text)

    assert expected == code(value, flawed=flawed)


def test_the_largest_event_and_the_longest_id_are_taken() -> None:
    """200 KB as it is encoded, and 512 bytes; a byte more of either is too much."""
    size = canonical(track(properties={"text": ""}), 0, ARRIVAL).size
    most = track(properties={"text": "x" * (SIZE_LIMIT - size)})

    assert SIZE_LIMIT == canonical(most, 0, ARRIVAL).size
    assert "too_large" == code(track(properties={"text": "x" * (SIZE_LIMIT - size + 1)}))
    assert "é" * 256 == event(track(userId="é" * 256)).user


def test_an_event_known_to_be_too_deep_is_looked_through_no_more() -> None:
    """Whoever has looked through a whole batch says which of its events are."""
    deep = track(properties=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]])

    assert "too_deep" == code(deep)
    assert "too_deep" == code(track(), deep=frozenset({0}))
    assert event(track()) == event(track(), deep=frozenset({1}))


def test_thirty_two_levels_are_taken() -> None:
    """The event and thirty-one levels inside it are not too deep."""
    value = parse(
        '{"type":"track","event":"e","userId":"u","properties":{"a":' + "[" * 30 + "]" * 30 + "}}"
    ).value

    assert "e" == event(value).name


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (track(), "Signed Up"),
        (track(event=404), "404"),
        ({"type": "page", "userId": "u", "name": "Home", "category": "Docs"}, "Home"),
        ({"type": "page", "userId": "u", "category": "Docs"}, "Docs"),
        ({"type": "screen", "anonymousId": "n"}, ""),
        ({"type": "identify", "userId": "u"}, ""),
    ],
)
def test_the_name_of_an_event(item: dict[str, Any], expected: str) -> None:
    """A track is named by its event, a page or screen by its name or category."""
    assert expected == event(item).name


def test_the_type_is_the_events_own_else_the_paths() -> None:
    """What an event says of itself wins over the path it was sent to."""
    bare = {"event": "e", "userId": "u"}

    assert "track" == event(bare, kind="track").type
    assert "identify" == event({"type": "Identify", "userId": "u"}, kind="track").type


def test_ids_are_text() -> None:
    """Numbers and their digits are the same user, stranger and account."""
    found = event(track(userId=12345, anonymousId=9.0, context={"groupId": 777}))

    assert ("12345", "9", "777") == (found.user, found.anonymous, found.account)


def test_a_group_call_names_its_account_itself() -> None:
    """On a group call the top-level groupId wins over what context still says."""
    group = {"type": "group", "userId": "u", "groupId": 5, "context": {"groupId": "old"}}

    assert "5" == event(group).account
    assert "old" == event({**group, "type": "track", "event": "e"}).account


def test_an_alias_keeps_the_previous_id() -> None:
    """An alias says who the user was before."""
    found = event({"type": "alias", "userId": "u", "previousId": "n"})

    assert ("u", "n") == (found.user, found.previous)


def test_objects_are_kept_and_everything_else_is_empty() -> None:
    """Properties, traits and context are objects; hand-written calls send anything."""
    found = event(track(properties={"a": [1, None], "": {"b c": 1e21}}, traits=None, context="web"))

    assert {"a": [1, None], "": {"b c": 1e21}} == json.loads(bytes(found.properties))
    assert (b"{}", b"{}") == (bytes(found.traits), bytes(found.context))


def test_traits_may_live_in_the_context_of_an_identify() -> None:
    """RudderStack's identify has its traits in context.traits; a track's context.traits are not its own."""
    context = {"traits": {"plan": "pro"}}

    assert {"plan": "pro"} == json.loads(
        bytes(event({"type": "identify", "userId": "u", "context": context}).traits)
    )
    assert b"{}" == bytes(event(track(context=context)).traits)


def test_the_envelopes_context_is_merged_under_the_events_own() -> None:
    """An event's own context wins key by key, and may name the account as well."""
    found = event(track(context={"app": "own"}), context={"app": "shared", "groupId": "g"})

    assert {"app": "own", "groupId": "g"} == json.loads(bytes(found.context))
    assert "g" == found.account


def test_a_direct_call_gets_the_connections_address() -> None:
    """context.direct asks for the ip to be filled in, and only that does."""
    assert {"direct": True, "ip": "203.0.113.9"} == json.loads(
        bytes(event(track(context={"direct": True}), address="203.0.113.9").context)
    )
    assert {"ip": "1.2.3.4", "direct": True} == json.loads(
        bytes(event(track(context={"ip": "1.2.3.4", "direct": True}), address="203.0.113.9").context)
    )
    assert b"{}" == bytes(event(track(), address="203.0.113.9").context)


def test_a_write_key_is_kept_nowhere() -> None:
    """analytics.js puts the key into every event; it goes no further."""
    found = canonical(track(writeKey="SECRET"), 0, ARRIVAL)

    assert "SECRET" not in repr(found)


def test_fault_012_lone_surrogates_are_replaced_and_the_id_stays() -> None:
    """A broken character costs nothing but itself, also in ids and keys."""
    found = event(track(userId="u\ud800", properties={"k\udfff": "\ud83d"}, messageId="m\ud800"))

    assert ("u\ufffd", "m\ufffd") == (found.user, found.message)
    assert {"k\ufffd": "\ufffd"} == json.loads(bytes(found.properties))
    assert found.id == event(track(messageId="m\ud800")).id


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (track(messageId=None), "6c858911de98a9a0d417b8714def61c8"),
        (
            track(
                messageId=None, userId=7, properties={"b": [1.5, 1e21, None, True], "a": "é\N{GRINNING FACE}"}
            ),
            "763da38ca9f8aefc478c42467be5cba5",
        ),
        (
            track(messageId=None, event="half \ud800", properties={"\udfff": 10**25}),
            "10647b1375ebf1ff67eebd41a0a3c7d8",
        ),
        (
            track(messageId=None, originalTimestamp="2026-11-20", context={"groupId": "g"}, sentAt="x"),
            "5d36dbf2916b304e5babd4aaf19a7bc4",
        ),
        (track(messageId=None, timestamp=None), "05ecfda85296cf98277c8624ceffed79"),
        (track(messageId="m\ud800"), "b76813dcd8d98fb6ab114e872013ddfb"),
        (
            {"type": "Identify", "anonymousId": "n", "traits": {"z": 1, "a": -0.0}, "timestamp": NOW},
            "2455e8f7aec8b0c9de00da8fec865730",
        ),
    ],
    ids=str,
)
def test_fault_028_an_id_is_the_same_in_every_release(item: dict[str, Any], expected: str) -> None:
    """An event that is sent again after a deployment is still the one that was counted."""
    assert expected == canonical(item, 3, ARRIVAL).event.id


HALF = {"a\ud800": ["\udfff", {"b": "c\ud800d"}], "whole": "\u00e9"}


@pytest.mark.parametrize(
    "broken",
    [
        {"properties": HALF},
        {"properties": {"accountId": "a\ud800"}},
        {"properties": HALF, "context": {"page": HALF, "groupId": "g\ud800"}},
        {"type": "identify", "traits": HALF},
        {"type": "identify", "context": {"traits": HALF}},
        {"event": "e\ud800", "properties": HALF},
        {"userId": "u" * 200 + "\ud800"},
    ],
    ids=str,
)
def test_fault_012_wherever_half_a_character_is_the_event_is_the_one_with_whole_ones(
    broken: dict[str, Any],
) -> None:
    """Whether one part alone is mended or all of it: nothing else of the event changes."""
    item = track(**broken)

    assert event(scrubbed(item)) == event(item)


@pytest.mark.parametrize(
    ("times", "corrected", "own", "counted"),
    [
        ({}, False, None, NOW),
        ({"timestamp": NOW - 9_000}, False, NOW - 9_000, NOW - 9_000),
        ({"timestamp": NOW - 9_000, "sentAt": NOW - 2_000}, False, NOW - 9_000, NOW - 7_000),
        ({"originalTimestamp": NOW - 9_000, "sentAt": NOW - 2_000}, False, NOW - 9_000, NOW - 7_000),
        (
            {"originalTimestamp": NOW - 1_000, "timestamp": 1_354_408_208_276, "sentAt": NOW},
            False,
            NOW - 1_000,
            1_354_408_208_276,
        ),
        (
            {"originalTimestamp": 500_000_000_000, "timestamp": NOW - 3_000, "sentAt": NOW},
            True,
            500_000_000_000,
            NOW - 3_000,
        ),
        ({"originalTimestamp": NOW - 8_000, "sentAt": NOW}, True, NOW - 8_000, NOW - 8_000),
        ({"timestamp": "garbage", "sentAt": NOW}, False, None, NOW),
        ({"timestamp": NOW + 999_999_999, "sentAt": NOW + 999_999_999}, False, NOW + 999_999_999, NOW),
        ({"timestamp": NOW + 999_999_999}, False, NOW + 999_999_999, NOW),
    ],
    ids=[
        "none",
        "no sentAt",
        "skew",
        "RudderStack",
        "RudderStack import",
        "webhook",
        "webhook without timestamp",
        "garbage",
        "clock ahead",
        "future",
    ],
)
def test_own_time_is_as_sent_and_counted_time_is_true(
    times: dict[str, Any],
    *,
    corrected: bool,
    own: int | None,
    counted: int,
) -> None:
    """The own time stays what every resend says; the counted time is when it happened."""
    found = event({"type": "track", "event": "e", "userId": "u", **times}, corrected=corrected)

    assert (own, counted) == (found.own, found.time)


def test_the_envelopes_sent_at_stands_in() -> None:
    """An event without a sentAt of its own has that of its batch."""
    item = {"type": "track", "event": "e", "userId": "u", "timestamp": NOW - 9_000}

    assert NOW - 5_000 == event(item, sent=NOW - 4_000).time
    assert NOW - 9_000 == event({**item, "sentAt": NOW}, sent=NOW - 4_000).time
