"""The front door from a gateway event to the queue, on memory adapters."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from typing import Any

import pytest

from fakes.front_door import (
    CONTEXT,
    NOW,
    WEBHOOK_SECRET,
    WRITE_KEY,
    FrontDoor,
    basic,
    gateway_event,
    gzipped,
    track,
)
from pql.core.errors import Unavailable
from pql.core.event import Event

EVENT = {"event": "Signed Up", "userId": "u", "messageId": "m"}
PATHS = {
    "track": "track", "t": "track", "identify": "identify", "i": "identify", "group": "group", "g": "group",
    "page": "page", "p": "page", "screen": "screen", "s": "screen", "alias": "alias", "a": "alias",
}  # fmt: skip


@pytest.fixture
def door() -> FrontDoor:
    """Return a fresh front door."""
    return FrontDoor()


def only(door: FrontDoor) -> Event:
    """Return the one event that was queued."""
    [event] = door.queue.events
    return event


def signature(text: str) -> dict[str, str]:
    """Return the header Segment would send over `text`."""
    return {"X-Signature": hmac.new(WEBHOOK_SECRET.encode(), text.encode(), hashlib.sha1).hexdigest()}


@pytest.mark.parametrize("prefix", ["/v1/", "/", "/prefix/of/mine/v1/", "/api/s/s2s/"])
@pytest.mark.parametrize(("path", "kind"), PATHS.items())
def test_each_path_names_a_type(door: FrontDoor, prefix: str, path: str, kind: str) -> None:
    """A hand-written call without a type has that of its path, under any prefix."""
    answer = door.post(prefix + path, {**EVENT, "groupId": "g", "previousId": "p"})

    assert (200, {"success": True, "accepted": 1, "rejected": [], "request_id": "request-1"}) == answer
    assert kind == only(door).type


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/v1/batch/", "/beacon/v1/batch"])
def test_batches_are_taken_in_order(door: FrontDoor, path: str) -> None:
    """The events of a batch are queued in the order in which they were sent."""
    batch = [track(messageId=f"m-{number}") for number in range(3)]
    status, answer = door.post(path, {"batch": batch})

    assert (200, 3) == (status, answer["accepted"])
    assert ["m-0", "m-1", "m-2"] == [event.message for event in door.queue.events]


def test_fault_006_good_events_pass_and_bad_ones_are_listed(door: FrontDoor) -> None:
    """One bad event never refuses its batch."""
    good = [track(messageId="a"), track(messageId="b")]
    batch = [
        good[0],
        7,
        track(type="delete"),
        track(userId=None),
        good[1],
        track(properties={"x": "y" * 300_000}),
    ]
    status, answer = door.post("/v1/batch", {"batch": batch})

    assert (200, 2) == (status, answer["accepted"])
    assert [(1, "not_an_object"), (2, "unknown_type"), (3, "no_user_anon_id"), (5, "too_large")] == [
        (entry["index"], entry["code"]) for entry in answer["rejected"]
    ]


def test_fault_009_010_011_flaws_cost_only_their_own_event(door: FrontDoor) -> None:
    """Numbers, repeated keys and depth are judged per event."""
    good = json.dumps(track())
    bad = [
        '{"a":1e400}',
        '{"a":1,"a":2}',
        '{"a":' + "[" * 60_000 + "]" * 60_000 + "}",
        '{"a":' + "7" * 99 + "}",
    ]
    status, answer = door.post("/v1/batch", '{"batch":[' + ",".join([good, *bad, good]) + "]}")

    assert (200, 2) == (status, answer["accepted"])
    assert ["bad_number", "duplicate_key", "too_deep", "bad_number"] == [
        entry["code"] for entry in answer["rejected"]
    ]


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ({"batch": []}, 400, "empty_batch"),
        ([], 400, "empty_batch"),
        ({"batch": [7, {}]}, 400, "no_valid_events"),
        ({"type": "delete", "userId": "u"}, 400, "no_valid_events"),
        ("", 400, "invalid_json"),
        ("{", 400, "invalid_json"),
        ('"text"', 400, "invalid_json"),
        ("[" * 100_000, 400, "too_deep"),
        ('{"a":' * 100_000, 400, "too_deep"),
        ("\ufeff{}", 400, "bad_encoding"),
        (b"\xff\xfe{\x00}\x00", 400, "bad_encoding"),
        (gzip.compress(b"{}", mtime=0)[:-4], 400, "bad_encoding"),
        ('{"userId":1,"userId":2}', 400, "duplicate_key"),
    ],
)
def test_fault_007_a_request_in_which_nothing_can_be_read_is_400(
    door: FrontDoor, document: Any, status: int, code: str
) -> None:
    """The refusal has a code, a message and the request's id, and echoes nothing."""
    answer = door.post("/v1/batch", document)

    assert (status, code, "request-1") == (answer[0], answer[1]["code"], answer[1]["request_id"])
    assert answer[1]["message"]
    assert [] == door.queue.messages


def test_fault_007_rejected_events_are_listed_even_when_none_is_good(door: FrontDoor) -> None:
    """A developer sees why nothing was taken."""
    assert [{"index": 0, "code": "missing_event"}] == door.post("/v1/t", {"userId": "u"})[1]["rejected"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "", "image/png"]
)
@pytest.mark.parametrize(
    "body",
    [json.dumps(track()), json.dumps(track()).encode(), gzipped(track())],
    ids=["text", "base64", "gzip"],
)
def test_fault_018_a_content_type_never_refuses(
    door: FrontDoor, content_type: str, body: str | bytes
) -> None:
    """JSON is taken under any content type and in any wrapping."""
    assert 200 == door.post("/v1/track", body, headers={"content-type": content_type})[0]


def test_an_unknown_coding_is_415(door: FrontDoor) -> None:
    """Brotli is named as what it is."""
    status, answer = door.post("/v1/track", b"\x8b\x02\x80{}\x03", headers={"content-encoding": "br"})

    assert (415, "unsupported_media_type") == (status, answer["code"])


@pytest.mark.parametrize(
    "how",
    [
        {"headers": basic(f"{WRITE_KEY}:")},
        {"headers": basic(WRITE_KEY)},
        {"headers": {"X-Write-Key": WRITE_KEY}},
        {"query": f"writeKey={WRITE_KEY}"},
        {"document": {"batch": [track()], "writeKey": WRITE_KEY}},
        {"document": {"batch": [track(writeKey=WRITE_KEY), track()]}},
        {"document": [track(writeKey=WRITE_KEY)]},
        {"document": track(writeKey=WRITE_KEY)},
        {"document": track(writeKey=WRITE_KEY), "headers": {"authorization": "Bearer an-oauth-token"}},
        {"document": track(writeKey="keyId:***"), "headers": {"X-Write-Key": WRITE_KEY}},
    ],
)
def test_the_key_may_be_anywhere(door: FrontDoor, how: dict[str, Any]) -> None:
    """Any place that a client puts a valid key into lets it in."""
    document = how.pop("document", track())

    assert 200 == door.post("/v1/batch", document, key=None, **how)[0]


def test_fault_019_missing_unknown_and_wrong_credentials_get_one_answer(door: FrontDoor) -> None:
    """Whoever may not send learns nothing about why, nor about the body."""
    attempts = [
        door.post("/v1/batch", track(), key=None),
        door.post("/v1/batch", track(), key="wrong"),
        door.post("/v1/batch", "{", key="wrong"),
        door.post("/v1/batch", track(writeKey="wrong"), key=None),
        door.post("/v1/batch", track(writeKey=7), key=None),
        door.post("/v1/batch", track(writeKey="é\ud800"), key=None),
        door.post("/v1/batch", track(), key=None, headers=basic(b"\xff")),
        door.post("/v1/batch", track(), key="k" * 1_000_000),
    ]

    assert [attempts[0]] * len(attempts) == attempts
    assert (401, "unauthorized") == (attempts[0][0], attempts[0][1]["code"])
    assert [] == door.queue.messages


def test_fault_014_a_signed_webhook_needs_no_key(door: FrontDoor) -> None:
    """The signature of a single object covers all of it, in any bytes."""
    text = json.dumps(track(event="Créé 🚀", properties={"n": 1e-7}), ensure_ascii=False, indent=1)

    assert 200 == door.post("/webhooks/segment", text, key=None, headers=signature(text))[0]
    assert 200 == door.post("/webhooks/segment", text.encode(), key=None, headers=signature(text))[0]
    assert "webhook" == door.queue.events[0].source


def test_fault_021_a_batch_with_a_forged_event_is_refused(door: FrontDoor) -> None:
    """A captured signature of the first element does not let a second one in."""
    first = json.dumps(track())
    forged = f"[{first},{json.dumps(track(event='Forged'))}]"

    assert 401 == door.post("/webhooks/segment", forged, key=None, headers=signature(first))[0]
    assert [] == door.queue.messages


def test_a_signed_batch_with_a_key_is_taken(door: FrontDoor) -> None:
    """The second secret vouches for what the signature does not cover."""
    first = json.dumps(track())
    for text in (f"[{first},{first}]", f'[{{"json":{first}}},{{"json":{first}}}]'):
        assert 200 == door.post("/webhooks/segment", text, headers=signature(first))[0]


def test_a_wrong_signature_is_refused_even_with_a_key(door: FrontDoor) -> None:
    """A signature that is there has to be right."""
    for text in (json.dumps(track()), json.dumps([track()]), "{", "[]"):
        assert 401 == door.post("/webhooks/segment", text, headers=signature("other"))[0]


def test_an_unsigned_webhook_needs_a_key(door: FrontDoor) -> None:
    """RudderStack does not sign, so the key alone decides."""
    assert 200 == door.post("/webhooks/segment", [track(), track()])[0]
    assert 401 == door.post("/webhooks/segment", [track()], key=None)[0]
    assert 401 == door.post("/webhooks/segment", [track()], key=None, headers={"x-signature": " "})[0]


def test_a_signed_body_that_is_no_json_is_told_so(door: FrontDoor) -> None:
    """Who signed the bytes learns what is wrong with them."""
    assert (400, "invalid_json") == (
        (answer := door.post("/webhooks/segment", "{", key=None, headers=signature("{")))[0],
        answer[1]["code"],
    )


def test_a_webhooks_time_is_corrected_already(door: FrontDoor) -> None:
    """The skew is taken out of SDK traffic once, and of webhooks not again."""
    times = {"originalTimestamp": NOW - 90_000, "timestamp": NOW - 5_000, "sentAt": NOW - 85_000}
    door.post("/webhooks/segment", track(**times))
    door.post("/v1/track", track(timestamp=NOW - 90_000, sentAt=NOW - 85_000))

    assert [(NOW - 90_000, NOW - 5_000), (NOW - 90_000, NOW - 5_000)] == [
        (event.own, event.time) for event in door.queue.events
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", ""])
def test_fault_018_another_method_is_405(door: FrontDoor, method: str) -> None:
    """The answer names what is allowed."""
    answer = door.handler(gateway_event("/v1/track", method=method), CONTEXT)

    assert (405, "OPTIONS, POST") == (answer["statusCode"], answer["headers"]["allow"])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_webhooks_come_by_the_users_choice_of_method(door: FrontDoor, method: str) -> None:
    """Segment's webhook can be set to PUT or PATCH."""
    assert 200 == door.post("/hooks/segment", track(), method=method)[0]


@pytest.mark.parametrize(
    "path", ["/", "", "/v1", "/v1/merge", "/sourceConfig/", "/v1/track/x", "/favicon.ico"]
)
def test_fault_018_another_path_is_404(door: FrontDoor, path: str) -> None:
    """Unknown paths are not found, with a body that clients understand."""
    assert (404, "not_found") == ((answer := door.post(path, track()))[0], answer[1]["code"])


def test_health_is_told(door: FrontDoor) -> None:
    """A load balancer may ask without a key."""
    assert 200 == door.knock(gateway_event("/health", method="GET"))[0]


def test_a_queue_that_is_down_is_503_with_a_time_to_retry(door: FrontDoor) -> None:
    """The client keeps its events and knows when to come back."""
    door.queue.available = False
    answer = door.handler(
        gateway_event("/v1/t", json.dumps(track()), headers={"x-write-key": WRITE_KEY}), CONTEXT
    )

    assert (503, "2", "unavailable") == (
        answer["statusCode"],
        answer["headers"]["retry-after"],
        json.loads(answer["body"])["code"],
    )


def test_fault_027_a_secret_store_that_is_down_is_503_and_never_401(door: FrontDoor) -> None:
    """Our own trouble must not make a client drop its events."""
    door.secrets.available = False

    assert 503 == door.post("/v1/t", track())[0]
    assert 503 == door.post("/v1/t", track(writeKey=WRITE_KEY), key=None)[0]
    assert 503 == door.post("/webhooks/segment", track(), key=None, headers=signature("x"))[0]


def test_fault_025_a_rotated_key_is_let_in_at_once(door: FrontDoor) -> None:
    """There is no window of 401 around a rotation."""
    door.post("/v1/t", track())
    door.secrets.rotate("write-key", "NEW", WRITE_KEY)

    assert [200, 200] == [door.post("/v1/t", track(), key=key)[0] for key in ("NEW", WRITE_KEY)]


def test_a_resend_has_the_ids_of_the_first_try(door: FrontDoor) -> None:
    """What changes between two tries of one batch changes no id and no own time."""
    batch = [track(), {"type": "identify", "userId": "u", "timestamp": NOW}]
    door.post("/v1/batch", {"batch": batch, "sentAt": NOW})
    door.post(
        "/v1/batch",
        {"batch": [{**one, "sentAt": NOW + 1} for one in batch], "sentAt": NOW + 1},
        request_id="request-2",
    )
    ids = [(event.id, event.own) for event in door.queue.events]

    assert ids[:2] == ids[2:]


def test_events_of_one_account_travel_together(door: FrontDoor) -> None:
    """A body is cut by the account its events name, else by their user."""
    context = {"groupId": 777}
    door.post(
        "/v1/batch",
        [track(userId="a", context=context), track(userId="b"), track(userId="c", context=context)],
    )

    assert ["a:777", "u:b"] == [group for group, _ in door.queue.messages]


@pytest.mark.parametrize(
    "event",
    [
        track(),
        [track()],
        {"version": "0", "source": "aws.partner/segment.com/x", "detail-type": "track", "detail": track()},
        {**track(), "properties": {"x": float("nan"), "y": float("inf"), "z": "\ud800"}},
    ],
)
def test_a_direct_invocation_is_let_in_by_iam(door: FrontDoor, event: Any) -> None:
    """Segment's Lambda destination and EventBridge hand the bare event over."""
    answer = door.handler(event, CONTEXT)

    assert {"success": True, "accepted": 1, "rejected": [], "request_id": "invocation-1"} == answer
    assert "invoke" == only(door).source


def test_a_direct_invocation_fails_loudly_only_when_it_should_be_repeated(door: FrontDoor) -> None:
    """A bad event is answered; a queue that is down raises, so that the invoker retries."""
    assert "no_valid_events" == door.handler({"type": "delete"}, CONTEXT)["code"]
    assert "empty_batch" == door.handler([], CONTEXT)["code"]

    door.queue.available = False
    with pytest.raises(Unavailable):
        door.handler(track(), CONTEXT)


def test_our_own_mistake_is_500_with_a_body(
    door: FrontDoor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Even an unforeseen exception is answered in a form that clients read, and tells nothing of the body."""
    monkeypatch.setattr(door.queue, "send", lambda *_: 1 / 0)
    status, answer = door.post("/v1/t", track(userId="somebody@example.com"))

    assert (500, "internal_error") == (status, answer["code"])
    assert "ZeroDivisionError" in (logged := str([vars(record) for record in caplog.records]))
    assert "somebody@example.com" not in logged


def test_fault_103_logs_hold_neither_bodies_nor_keys(
    door: FrontDoor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is logged is counts and codes."""
    door.post("/v1/batch", [track(userId="somebody@example.com"), 7])
    door.post("/v1/batch", track(), key="a-wrong-key")
    printed = capsys.readouterr().out + str([vars(record) for record in caplog.records])

    assert "EventsAccepted" in printed
    assert "unauthorized" in printed
    assert not any(
        secret in printed for secret in ("somebody@example.com", WRITE_KEY, "a-wrong-key", "Signed Up")
    )


def test_base64_text_is_what_a_gateway_makes_of_bytes() -> None:
    """The fake gateway wraps as the real one does."""
    assert base64.b64encode(b"\x1f\x8b").decode() == gateway_event("/", b"\x1f\x8b")["body"]
