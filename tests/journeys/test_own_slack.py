"""A Slack webhook of one's own instead of the local world's."""

from __future__ import annotations

import json

from fakes.local_world import WRITE_KEY, local_world
from pql.dev.seed import send
from pql.dev.slack_receiver import SlackReceiver

EVENTS = ("Integration Connected", "Invite Sent", "Report Created", "Report Created", "Report Created")


def test_cards_are_posted_to_a_webhook_outside() -> None:
    """With a webhook of one's own the card goes there, over HTTP, and not to the world's Slack."""
    outside = SlackReceiver()
    outside.start()
    call = {"type": "track", "userId": "ava", "context": {"groupId": "own"}}
    invited = {"invitee_email": "ben@x.example"}
    calls = [{**call, "event": event, "properties": invited} for event in EVENTS]
    with local_world(slack_webhook=outside.webhook_url) as live:
        send(live.url, WRITE_KEY, [{**one, "messageId": str(index)} for index, one in enumerate(calls)])
        (lead,) = live.leads("own")
    outside.stop()

    assert [lead.lead_id in json.dumps(card) for card in outside.cards] == [True]
    assert live.cards(lead.lead_id) == []
