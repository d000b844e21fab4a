"""Slack by webhook and by bot, against a server that fails in every way Slack does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from fakes.slack_stub import HISTORY_PATH, Reply, SlackStub, limited, refused
from pql.adapters import slack_http
from pql.adapters.retry_after import retry_after
from pql.adapters.slack_answers import CLOSED, LATER, PERHAPS, judge_api, judge_status
from pql.adapters.slack_bot import SlackBot
from pql.adapters.slack_secret import chats_from
from pql.adapters.slack_webhook import SlackWebhook
from pql.core.errors import ChannelClosed, Unanswered, Unavailable, Undeliverable
from pql.flows.channels import Chat

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
    """The same card may well be taken later, and is tried once only now; only a 429 leaves no doubt."""
    slack.replies.append(Reply(status, "trouble"))

    with pytest.raises(Unavailable) as outage:
        chat.post(CARD)
    assert (1, status != 429) == (len(slack.requests), isinstance(outage.value, Unanswered))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, "action_prohibited", "action_prohibited"),
        (404, "no_service", "no_service"),
        (410, "channel_is_archived", "channel_is_archived"),
        (400, "user_not_found", "user_not_found"),
        (400, "invalid_payload", "invalid_payload"),
        (413, "", "http_413"),
        (403, "<html>", "http_403"),
        (404, "", "http_404"),
    ],
)
def test_fault_083_a_refusal_is_for_good(
    chat: Chat, slack: SlackStub, status: int, body: str, code: str
) -> None:
    """A webhook that was removed or forbidden is named by Slack's own code; a bad card is not its fault."""
    slack.replies.append(Reply(status, body))

    with pytest.raises(Undeliverable) as refusal:
        chat.post(CARD)
    closed = code not in {"invalid_payload", "http_413"}
    assert (code, closed) == (refusal.value.code, isinstance(refusal.value, ChannelClosed))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_fault_083_redirects_are_not_followed(chat: Chat, slack: SlackStub, status: int) -> None:
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

    with pytest.raises(Unanswered) as outage:
        chat.post(CARD)
    assert 1 == len(slack.requests)
    assert "services" not in str(outage.value)


def test_nobody_there_is_for_later(pool: urllib3.PoolManager) -> None:
    """A refused connection is an outage, and nobody can have taken anything."""
    with SlackStub() as gone:
        address = gone.webhook

    with pytest.raises(Unavailable) as outage:
        SlackWebhook(pool, address).post(CARD)
    assert not isinstance(outage.value, Unanswered)


LEADS = ["6f1e2d3c-0000-5000-8000-000000000001", "6f1e2d3c-0000-5000-8000-000000000002"]


def told(*leads: str) -> dict[str, Any]:
    """Return a card or a digest of these leads."""
    return {**CARD, "metadata": {"event_type": "pql", "event_payload": {"lead_ids": " ".join(leads)}}}


def test_fault_080_a_bot_finds_what_it_posted(slack: SlackStub, pool: urllib3.PoolManager) -> None:
    """The channel's history since the lead was made says which cards are there, page by page."""
    bot = SlackBot(pool, "xoxb-1", "C123", slack.api)
    slack.page = 2
    slack.replies.append(Reply(trouble="reset", taken=True))
    with pytest.raises(Unanswered):
        bot.post(told(LEADS[0]))
    for _ in range(5):
        bot.post(CARD)

    assert {LEADS[0]} == bot.posted(LEADS, 1_795_316_400_999)
    asked = [request for request in slack.requests if request.path == HISTORY_PATH]
    assert [None, "2", "4"] == [request.card.get("cursor") for request in asked]
    assert {"Bearer xoxb-1"} == {request.headers["Authorization"] for request in asked}


def test_the_newest_messages_of_a_busy_channel_are_looked_at(
    slack: SlackStub, pool: urllib3.PoolManager
) -> None:
    """Whoever looks does so soon after posting, however much was said since the lead was made."""
    bot = SlackBot(pool, "xoxb-1", "C123", slack.api)
    slack.page = 2
    for _ in range(30):
        bot.post(CARD)
    bot.post(told(LEADS[0]))

    assert {LEADS[0]} == bot.posted(LEADS, 1_795_316_400_000)


def test_no_more_is_looked_at_than_was_said_since_the_lead_was_made(
    slack: SlackStub, pool: urllib3.PoolManager
) -> None:
    """But for what clocks may be apart: ten minutes."""
    slack.page = 1
    slack.history = [
        {"bot_id": "B1", "ts": f"{1_795_316_400 - ago}.000100"} for ago in (-60, 0, 590, 610, 700, 800)
    ]

    assert set() == set(SlackBot(pool, "xoxb-1", "C123", slack.api).posted(LEADS, 1_795_316_400_000))
    assert 4 == len(slack.requests)


def test_a_quotation_is_no_card(slack: SlackStub, pool: urllib3.PoolManager) -> None:
    """A person who writes a lead's id has not posted its card."""
    slack.history.append({"user": "U1", "text": LEADS[0]})

    assert set() == set(SlackBot(pool, "xoxb-1", "C123", slack.api).posted(LEADS, 0))


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel", "channel_not_found"])
def test_without_the_scope_nobody_looks(slack: SlackStub, pool: urllib3.PoolManager, code: str) -> None:
    """A bot that may not read the history posts again: one card too many rather than one too few."""
    slack.looks.append(refused(code))

    assert set() == set(SlackBot(pool, "xoxb-1", "C123", slack.api).posted(LEADS, 0))


def test_a_channel_by_name_has_no_history(slack: SlackStub, pool: urllib3.PoolManager) -> None:
    """Slack shows the history of an id only, so nobody asks for a name."""
    assert set() == set(SlackBot(pool, "xoxb-1", "sales", slack.api).posted(LEADS, 0))
    assert [] == slack.requests


@pytest.mark.parametrize("reply", [limited("30"), Reply(503), Reply(body="<html>"), Reply(trouble="drop")])
def test_a_history_that_is_away_is_for_later(
    slack: SlackStub, pool: urllib3.PoolManager, reply: Reply
) -> None:
    """Not having seen it does not mean that it is not there."""
    slack.looks.append(reply)

    with pytest.raises(Unavailable):
        SlackBot(pool, "xoxb-1", "C123", slack.api).posted(LEADS, 0)


def test_a_webhook_cannot_look(slack: SlackStub, pool: urllib3.PoolManager) -> None:
    """An incoming webhook only takes."""
    assert set() == set(SlackWebhook(pool, slack.webhook).posted(LEADS, 0))


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


CARD_CODES = ("invalid_blocks", "msg_blocks_too_long", "metadata_too_large", "a_code_of_next_year")


@pytest.mark.parametrize("code", [*sorted(CLOSED), *CARD_CODES])
def test_fault_082_a_bot_is_told_no_with_a_200(
    slack: SlackStub, pool: urllib3.PoolManager, code: str
) -> None:
    """`ok: false` is a refusal with Slack's code: of every card, or, if we do not know it, of this one."""
    slack.replies.append(refused(code))

    with pytest.raises(Undeliverable) as refusal:
        SlackBot(pool, "xoxb-1", "C123", slack.api).post(CARD)
    assert (code, code in CLOSED) == (refusal.value.code, isinstance(refusal.value, ChannelClosed))


@pytest.mark.parametrize("code", sorted(LATER | PERHAPS))
def test_fault_082_a_bot_is_told_later_with_a_200(
    slack: SlackStub, pool: urllib3.PoolManager, code: str
) -> None:
    """Some of `ok: false` is trouble of the moment, with a Retry-After; part of it leaves a doubt."""
    slack.replies.append(refused(code, **{"Retry-After": "30"}))

    with pytest.raises(Unavailable) as outage:
        SlackBot(pool, "xoxb-1", "C123", slack.api).post(CARD)
    assert (30.0, code in PERHAPS) == (outage.value.retry_after, isinstance(outage.value, Unanswered))


def test_every_code_is_documented() -> None:
    """The page of leads names every code that is more than one card's fault."""
    page = (Path(__file__).parents[3] / "docs" / "leads.md").read_text()

    assert set() == {code for code in CLOSED | LATER | PERHAPS if f"`{code}`" not in page}


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
    chats = chats_from((secret,), HOSTS, pool)

    assert kind is type(chats and chats.chat(""))


@pytest.mark.parametrize(
    ("secret", "channel", "kind", "place"),
    [
        (
            {"webhooks": {"#sales": "https://hooks.slack.com/s"}},
            "sales",
            SlackWebhook,
            "https://hooks.slack.com/s",
        ),
        ({"token": "xoxb-1", "channel": "C1"}, "sales", SlackBot, "sales"),
        ({"token": "xoxb-1", "channel": "C1"}, "C0123", SlackBot, "C0123"),
        ({"token": "xoxb-1", "channel": "C1", "channels": {"sales": "C2"}}, "sales", SlackBot, "C2"),
        (
            {"token": "xoxb-1", "channel": "C1", "webhooks": {"sales": "https://hooks.slack.com/s"}},
            "sales",
            SlackWebhook,
            "https://hooks.slack.com/s",
        ),
    ],
)
def test_a_rules_channel_is_found(
    secret: dict[str, Any], channel: str, kind: type, place: str, pool: urllib3.PoolManager
) -> None:
    """A webhook of its name comes first, then the id that the name stands for, then the name itself."""
    chats = chats_from((json.dumps(secret).encode(),), HOSTS, pool)

    assert chats is not None
    chat = chats.chat(channel)
    assert (kind, place) == (type(chat), chat._url if kind is SlackWebhook else chat._channel)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "secret",
    [
        {"webhook_url": "https://hooks.slack.com/s"},
        {"webhooks": {"other": "https://hooks.slack.com/s"}},
        {"webhooks": {"sales": "https://evil.example/verysecret"}},
    ],
)
def test_a_channel_that_cannot_be_reached_is_closed(
    secret: dict[str, Any], pool: urllib3.PoolManager
) -> None:
    """It is one channel's fault, with a code, and does not show the address."""
    chats = chats_from((json.dumps(secret).encode(),), HOSTS, pool)

    assert chats is not None
    with pytest.raises(ChannelClosed) as refusal:
        chats.chat("sales")
    assert refusal.value.code in {"unknown_channel", "address_refused"}
    assert "verysecret" not in str(refusal.value)


def test_no_value_is_no_slack(pool: urllib3.PoolManager) -> None:
    """A secret without any value is one that is not set up."""
    assert chats_from((), HOSTS, pool) is None


@pytest.mark.parametrize(
    "secret",
    [
        b'{"webhook_url": "https://evil.example/verysecret"}',
        b'{"token": "xoxb-verysecret"}',
        b'{"token": "xoxb\\nverysecret", "channel": "C1"}',
        b'{"token": "xoxb-verysecret", "channel": "C1", "api_url": "https://evil.example/api"}',
        b'{"webhook_url": 5}',
        b'{"webhooks": {"sales": 5}}',
        b'{"webhooks": ["https://hooks.slack.com/verysecret"]}',
        b'{"verysecret"',
        b"verysecret",
    ],
)
def test_a_wrong_secret_says_so_without_showing_itself(secret: bytes, pool: urllib3.PoolManager) -> None:
    """What can never work is not taken for "not set up", and stays secret."""
    with pytest.raises(ChannelClosed) as refusal:
        _ = (chats := chats_from((secret,), HOSTS, pool)) and chats.chat("")

    assert "verysecret" not in str(refusal.value)
