"""A card that was posted by a bot is taken out, or shows what is left of its lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import urllib3

from fakes.leads import northwind
from fakes.slack_stub import API_PATH, Reply, SlackStub, refused
from pql.adapters.slack_hosts import hosts_from
from pql.adapters.slack_secret import chats_from
from pql.adapters.slack_withdrawal import SlackWithdrawal
from pql.core.announcement import announcement
from pql.core.lead import LeadRecord
from pql.flows.card import card
from pql.flows.card.digest import digest

LEAD = northwind()
SENT = LEAD.created + 5_000
RECORD = LeadRecord(LEAD, SENT, {"slack": SENT, "slack:sales": SENT, "webhook": SENT})
AFTER = msgspec.structs.replace(LEAD, people=[])
MESSAGE = announcement(LEAD, LEAD.key)


@pytest.fixture
def slack() -> Iterator[SlackStub]:
    """Return a Slack in which a bot has posted the lead's card and a digest, and a person has quoted it."""
    with SlackStub() as stub:
        told: dict[str, Any] = card(MESSAGE, "")
        stub.history = [
            {"text": f"see {LEAD.id}", "user": "U1", "ts": "9.0"},
            {**digest([MESSAGE, MESSAGE], ""), "bot_id": "B1", "ts": "8.0"},
            {**told, "bot_id": "B1", "ts": "7.0", "channel": "C111"},
        ]
        stub.replies.append(Reply(body='{"ok": true}'))
        yield stub


def withdrawal(slack: SlackStub, **more: str) -> SlackWithdrawal:
    """Return what withdraws from it by token."""
    secret = {"token": "xoxb-1", "channel": "C111", "api_url": slack.origin + API_PATH, **more}
    chats = chats_from([msgspec.json.encode(secret)], hosts_from(slack.origin), urllib3.PoolManager())
    return SlackWithdrawal(chats, "")


def calls(slack: SlackStub) -> list[tuple[str, str | None]]:
    """Return the methods that were called to change something, and of which message."""
    return [
        (one.path.rpartition("/")[2], one.card.get("ts"))
        for one in slack.requests
        if "history" not in one.path
    ]


def test_a_card_is_deleted_with_its_lead(slack: SlackStub) -> None:
    """In the channel where it is; not the digest, which tells of others, and no person's message."""
    assert ["slack"] == list(withdrawal(slack)(RECORD, None))
    assert [("chat.delete", "7.0")] == calls(slack)


def test_a_card_shows_what_is_left_of_its_lead(slack: SlackStub) -> None:
    """The message of the account stays, without the people."""
    assert ["slack"] == list(withdrawal(slack)(RECORD, AFTER))
    (update,) = [one for one in slack.requests if one.path.endswith("chat.update")]

    assert "ava@northwind" not in repr(update.card)
    assert card(announcement(AFTER, AFTER.key), "")["blocks"] == update.card["blocks"]


def test_only_the_time_around_the_card_is_read(slack: SlackStub) -> None:
    """A card of last month is found at once."""
    withdrawal(slack)(RECORD, None)
    look = slack.requests[0].card

    assert (str((SENT - 600_000) // 1000), str((SENT + 600_000) // 1000)) == (look["oldest"], look["latest"])


def test_a_channel_that_refuses_is_left_out(slack: SlackStub) -> None:
    """Nobody keeps a lead because Slack does not let its card go."""
    slack.replies[0] = refused("cant_delete_message")

    assert [] == list(withdrawal(slack)(RECORD, None))


def test_why_a_channel_does_not_let_go_is_said(slack: SlackStub, caplog: pytest.LogCaptureFixture) -> None:
    """In words, with the code under which it is looked up; not where, which is a secret."""
    chats = chats_from(
        [b'{"webhook_url": "https://example.com/T/B/x"}'], hosts_from(slack.origin), urllib3.PoolManager()
    )
    told = LeadRecord(LEAD, SENT, {"slack": SENT})
    SlackWithdrawal(chats, "")(told, None)

    (why,) = caplog.messages
    assert why.endswith(" out of slack: the host of the address is not allowed (address_refused)")


def test_an_incoming_webhook_cannot_take_anything_out(slack: SlackStub) -> None:
    """Nor can a Slack that is not set up."""
    chats = chats_from([slack.webhook.encode()], hosts_from(slack.origin), urllib3.PoolManager())

    assert [] == list(SlackWithdrawal(chats, "")(RECORD, None))
    assert [] == list(SlackWithdrawal(None, "")(RECORD, None))
    assert [] == slack.requests
