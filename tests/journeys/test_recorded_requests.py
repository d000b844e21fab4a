"""Every recorded request of a real client, knocked on the front door as an HTTP API would."""

from __future__ import annotations

import pytest

from fakes.recorded_requests import FILES, Recording, recordings, replayed

ALL = [one for file in FILES for one in recordings(file)]
SDK = [one for one in ALL if one.method != "OPTIONS" and "webhook" not in one.client]
PREFLIGHTS = [one for one in ALL if one.method == "OPTIONS"]
WEBHOOKS = [one for one in ALL if "webhook" in one.client]
NO_EVENT = ("mapped-properties-only", "mapped-custom-object")


def name(one: Recording) -> str:
    """Return a readable test id."""
    return f"{one.client}-{one.seq}-{one.label}"


def without_event(one: Recording) -> bool:
    """Return whether a user mapped the webhook to something that is no event."""
    return one.label.endswith(NO_EVENT)


@pytest.mark.parametrize("one", SDK, ids=name)
def test_a_client_is_answered_200_and_all_its_events_are_queued(one: Recording) -> None:
    """What an unmodified client sends is accepted to the last event."""
    fate = replayed(one)

    assert (200, one.events, "") == (fate.status, fate.accepted, fate.reason)


@pytest.mark.parametrize("one", [one for one in SDK if one.is_text], ids=name)
def test_text_may_arrive_as_base64(one: Recording) -> None:
    """Whether the gateway hands a plain body over as text or as base64 changes nothing."""
    fate = replayed(one, as_base64=True)

    assert (200, one.events) == (fate.status, fate.accepted)


@pytest.mark.parametrize("one", PREFLIGHTS, ids=name)
def test_a_preflight_is_answered(one: Recording) -> None:
    """A browser's preflight is answered with 204 and queues nothing."""
    fate = replayed(one)

    assert (204, 0) == (fate.status, fate.accepted)


@pytest.mark.parametrize("as_base64", [False, True])
@pytest.mark.parametrize("one", WEBHOOKS, ids=name)
def test_a_webhook_is_judged_by_what_its_signature_covers(one: Recording, *, as_base64: bool) -> None:
    """A signed object is let in; what is unsigned, or signed in its first element only, is not."""
    covered = "x-signature" in one.headers and one.plain[:1] == b"{"
    expected = (401, 0) if not covered else (400, 0) if without_event(one) else (200, 1)

    fate = replayed(one, as_base64=as_base64)

    assert expected == (fate.status, fate.accepted)


@pytest.mark.parametrize("one", WEBHOOKS, ids=name)
def test_a_webhook_with_a_key_is_let_in(one: Recording) -> None:
    """With the write key as second secret, batches and unsigned webhooks are accepted in full."""
    expected = (400, 0) if without_event(one) else (200, one.events)

    fate = replayed(one, with_key=True)

    assert expected == (fate.status, fate.accepted)


def test_the_recordings_are_all_there() -> None:
    """The clients, requests and events that the other laws here speak of exist."""
    assert (7, 316, 26, 1884) == (len(FILES), len(ALL), len(PREFLIGHTS), sum(one.events for one in ALL))
