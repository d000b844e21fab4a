"""The digest: many leads in one message, within Slack's limits, and safe whatever was sent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.leads import CREATED, LEADS, northwind
from pql.core.announcement import announcement
from pql.core.lead import Lead
from pql.core.lead_message import LeadMessage
from pql.flows.card.digest import MOST, digest
from pql.flows.card.mrkdwn import units

LINK = "https://app.example.com/{account_id}"
# What Slack was seen to take of text in all blocks together.
ALL_BLOCKS = 9_500
WIDEST = "\U0001f469" * 500 + "&" * 500


def told(lead: Lead) -> LeadMessage:
    """Return the message about `lead`."""
    return announcement(lead, lead.key)


def test_each_lead_is_a_line() -> None:
    """Who, what, how strongly and when, in the order given, with a link."""
    leads = [
        northwind(),
        northwind(account_id="globex", tier="warm", score=None, traits={}, title="<!here> *x*"),
    ]

    made = digest([told(lead) for lead in leads], LINK)

    assert "2 leads that had to wait" == made["text"]
    assert (
        "🔥 *<https://app.example.com/northwind|Northwind Traders>* · Northwind is ready for a conversation"
        " · activation 60 · 22 Nov 2026, 03:00 UTC\n"
        "🌤 *<https://app.example.com/globex|globex>* · &lt;!here&gt; \u2217x\u2217 · 22 Nov 2026, 03:00 UTC"
    ) == made["blocks"][1]["text"]["text"]


def test_a_bot_finds_every_lead_again() -> None:
    """The ids of all are in the metadata, as texts that Slack keeps."""
    leads = [northwind(cycle=cycle) for cycle in range(1, MOST + 1)]

    metadata = digest([told(lead) for lead in leads])["metadata"]

    assert [lead.id for lead in leads] == metadata["event_payload"]["lead_ids"].split()
    assert all(isinstance(value, str) for value in metadata["event_payload"].values())


def test_fault_085_the_largest_digest_fits() -> None:
    """As many leads as there may be, each with the longest names there are, are within every limit."""
    lead = northwind(
        account_id=WIDEST, title=WIDEST, score_name=WIDEST, traits={"name": WIDEST}, created=CREATED
    )

    blocks = digest([told(lead)] * MOST, LINK)["blocks"]
    texts = [block["text"]["text"] for block in blocks]

    assert len(blocks) <= 50
    assert max(map(units, texts)) <= 3_000
    assert sum(map(units, texts)) <= ALL_BLOCKS
    assert MOST == sum(text.count("🔥") for text in texts)


def test_more_than_fit_are_a_mistake() -> None:
    """Whoever calls has to cut, for none may be left out in silence."""
    with pytest.raises(ValueError, match="50 leads"):
        digest([told(northwind())] * (MOST + 1))


@settings(max_examples=examples(28))
@given(st.lists(LEADS, min_size=1, max_size=5))
def test_fault_086_no_stranger_gives_slack_a_command(leads: list[Lead]) -> None:
    """No text that came from outside forms a mention or a link, and every lead has one line."""
    made = digest([told(lead) for lead in leads])
    shown = "\n".join(block["text"]["text"] for block in made["blocks"][1:])

    assert not [command for command in ("<!", "<@", "<#", "<http") if command in shown]
    assert len(leads) == len(shown.split("\n"))
    json.dumps(made).encode()
