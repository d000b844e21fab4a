"""Slack by webhook and by bot, against a server that fails in every way Slack does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from fakes.slack_stub import Reply, SlackStub, limited, refused
from pql.adapters import slack_http
from pql.adapters.slack_answers import judge_api, judge_status, retry_after
from pql.adapters.slack_bot import SlackBot
from pql.adapters.slack_secret import chat_from
from pql.adapters.slack_webhook import SlackWebhook
from pql.core.errors import Unavailable, Undeliverable
from pql.flows.ports import Chat

CARD: dict[str, Any] = {"text": "Ünïcode 株", "blocks": [], "metadata": {"event_type": "pql_lead"}}


@pytest.fixture
def slack() -> Iterator[SlackStub]:
    """Return a Slack."""
    with SlackStub() as stub:
        yield stub


@pytest.fixture
def pool() -> Iterator[urllib3.PoolManager]:
    """Return a pool that is closed at the end."""
    with urllib3.PoolManager() as pool:
        yield pool


@pytest.fixture(params=["webhook", "bot"])
def chat(request: pytest.FixtureRequest, slack: SlackStub, pool: urllib3.PoolManager) -> Chat:
    """Return each of both chats."""
    if request.param == "webhook":
        return SlackWebhook(pool, slack.webhook)
    return SlackBot(pool, "xoxb-1", "C123", slack.api)


def test_a_webhook_gets_the_card_without_metadata(slack: SlackStub, pool: urllib3.PoolManager) -> None:
    """Incoming webhooks know no metadata; everything else arrives as it was."""
    SlackWebhook(pool, slack.webhook).post(CARD)

    assert [{"text": "Ünïcode 株", "blocks": []}] == slack.cards


def test_a_bot_names_its_channel_and_itself(slack: SlackStub, pool: urllib3.PoolManager) -> None:
    """`chat.postMessage` gets channel, card and metadata, and the token in the header only."""
    SlackBot(pool, "xoxb-1", "C123", slack.api).post(CARD)

    assert [{**CARD, "channel": "C123"}] == slack.cards
    assert "Bearer xoxb-1" == slack.requests[0].headers["Authorization"]
    assert "application/json; charset=utf-8" == slack.requests[0].headers["Content-Type"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_trouble_on_slacks_side_is_for_later(chat: Chat, slack: SlackStub, status: int) -> None:
    """The same card may well be taken later, and is tried once only now."""
    slack.replies.append(Reply(status, "trouble"))

    with pytest.raises(Unavailable):
        chat.post(CARD)
    assert 1 == len(slack.requests)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, "action_prohibited", "action_prohibited"),
        (404, "no_service", "no_service"),
        (410, "channel_is_archived", "channel_is_archived"),
        (400, "invalid_payload", "invalid_payload"),
        (403, "<html>", "http_403"),
        (404, "", "http_404"),
    ],
)
def test_a_refusal_is_for_good(chat: Chat, slack: SlackStub, status: int, body: str, code: str) -> None:
    """A webhook that was removed or forbidden is named by Slack's own code."""
    slack.replies.append(Reply(status, body))

    with pytest.raises(Undeliverable) as refusal:
        chat.post(CARD)
    assert code == refusal.value.code


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(chat: Chat, slack: SlackStub, status: int) -> None:
    """Nobody gets to send a card, or us, elsewhere."""
    slack.replies.append(Reply(status, "", {"Location": slack.origin + "/elsewhere"}))

    with pytest.raises(Undeliverable):
        chat.post(CARD)
    assert 1 == len(slack.requests)


@pytest.mark.parametrize("trouble", ["reset", "drop", "stall"])
def test_no_answer_is_for_later(
    chat: Chat, slack: SlackStub, trouble: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack may have the card or not; one attempt, no secret in the error."""
    monkeypatch.setattr(slack_http, "TIMEOUT", urllib3.Timeout(connect=3.0, read=0.2))
    slack.replies.append(Reply(trouble=trouble))

    with pytest.raises(Unavailable) as outage:
        chat.post(CARD)
    assert 1 == len(slack.requests)
    assert "services" not in str(outage.value)


def test_nobody_there_is_for_later(pool: urllib3.PoolManager) -> None:
    """A refused connection is an outage."""
    with SlackStub() as gone:
        address = gone.webhook

    with pytest.raises(Unavailable):
        SlackWebhook(pool, address).post(CARD)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        (None, 1.0),
        ("0", 1.0),
        ("abc", 1.0),
        ("", 1.0),
        ("-5", 1.0),
        ("1.5", 1.5),
        ("1e9", 900.0),
        ("1000000000", 900.0),
        ("nan", 1.0),
        ("inf", 1.0),
        ("1_0", 1.0),
        ("\uff11\uff12", 1.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0),
    ],
)
def test_a_limit_is_kept(chat: Chat, slack: SlackStub, header: str | None, seconds: float) -> None:
    """Retry-After is at least 1 s and at most 15 minutes, however it is written."""
    if header is None or header.isascii():
        slack.replies.append(limited(header))
        with pytest.raises(Unavailable) as outage:
            chat.post(CARD)
        assert seconds == outage.value.retry_after

    assert seconds == retry_after(header)


@pytest.mark.parametrize(
    "code",
    ["channel_not_found", "is_archived", "invalid_auth", "not_in_channel", "token_revoked", "invalid_blocks"],
)
def test_a_bot_is_told_no_with_a_200(slack: SlackStub, pool: urllib3.PoolManager, code: str) -> None:
    """`ok: false` is a refusal, with Slack's code."""
    slack.replies.append(refused(code))

    with pytest.raises(Undeliverable) as refusal:
        SlackBot(pool, "xoxb-1", "C123", slack.api).post(CARD)
    assert code == refusal.value.code


@pytest.mark.parametrize(
    "code", ["ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"]
)
def test_a_bot_is_told_later_with_a_200(slack: SlackStub, pool: urllib3.PoolManager, code: str) -> None:
    """Some of `ok: false` is trouble of the moment, with a Retry-After that counts."""
    slack.replies.append(refused(code, **{"Retry-After": "30"}))

    with pytest.raises(Unavailable) as outage:
        SlackBot(pool, "xoxb-1", "C123", slack.api).post(CARD)
    assert 30.0 == outage.value.retry_after


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"ok":"true"}', b'{"ok":false}', b"[" * 100_000, b"\xff"]
)
def test_an_answer_nobody_understands_is_for_later(body: bytes) -> None:
    """A proxy's page is no delivery and no refusal."""
    with pytest.raises(Unavailable):
        judge_api(body, None)


def test_a_plain_200_is_a_delivery() -> None:
    """Both judges are silent about success."""
    judge_status(200, b"ok", None)
    judge_api(b'{"ok":true,"error":"ignored"}', None)


HOSTS = frozenset({"hooks.slack.com", "slack.com"})


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (b'{"webhook_url": "https://hooks.slack.com/services/a"}', SlackWebhook),
        (b'{"webhook_url": "https://hooks.slack.com/services/a", "token": "", "channel": ""}', SlackWebhook),
        (b"https://hooks.slack.com/services/a\n", SlackWebhook),
        (b'{"webhook_url": "", "token": " xoxb-1 ", "channel": "C1"}', SlackBot),
        (b"", type(None)),
        (b"{}", type(None)),
        (b'{"webhook_url": "", "token": "", "channel": ""}', type(None)),
    ],
)
def test_the_secret_says_how(secret: bytes, kind: type, pool: urllib3.PoolManager) -> None:
    """A webhook, a bot, or nothing at all."""
    assert kind is type(chat_from((secret,), HOSTS, pool))


def test_no_value_is_no_slack(pool: urllib3.PoolManager) -> None:
    """A secret without any value is one that is not set up."""
    assert chat_from((), HOSTS, pool) is None


@pytest.mark.parametrize(
    "secret",
    [
        b'{"webhook_url": "https://evil.example/verysecret"}',
        b'{"token": "xoxb-verysecret"}',
        b'{"token": "xoxb\\nverysecret", "channel": "C1"}',
        b'{"token": "xoxb-verysecret", "channel": "C1", "api_url": "https://evil.example/api"}',
        b'{"webhook_url": 5}',
        b'{"verysecret"',
        b"verysecret",
    ],
)
def test_a_wrong_secret_says_so_without_showing_itself(secret: bytes, pool: urllib3.PoolManager) -> None:
    """What can never work is not taken for "not set up", and stays secret."""
    with pytest.raises(Undeliverable) as refusal:
        chat_from((secret,), HOSTS, pool)

    assert "verysecret" not in str(refusal.value)
