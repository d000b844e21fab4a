"""The card: what a salesperson reads, golden in both forms, and safe whatever was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.leads import CREATED, LEADS, northwind
from pql.core.announcement import announcement
from pql.core.lead import Lead, Person
from pql.core.lead_message import LeadMessage
from pql.flows.card import card, card_text, checked_link
from pql.flows.card.mrkdwn import escaped, units
from pql.flows.card.terminal import LEAST, WIDTH, columns

GOLDEN = Path(__file__).parents[2] / "data" / "cards"
LINK = "https://app.example.com/accounts/{account_id}"
COMMANDS = ("<!", "<@", "<#", "<http")
BIDI = {chr(code) for code in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def told(lead: Lead) -> LeadMessage:
    """Return the message about `lead`."""
    return announcement(lead, lead.key)


def texts(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every text object of a card."""
    if isinstance(part, list):
        for one in part:
            yield from texts(one)
    elif isinstance(part, dict):
        if part.get("type") in {"plain_text", "mrkdwn"}:
            yield part
        for one in part.values():
            yield from texts(one)


def test_the_blocks_are_as_designed() -> None:
    """The card of a believable lead is, word for word, the one people agreed on."""
    expected = json.loads((GOLDEN / "northwind.json").read_text(encoding="utf-8"))

    assert expected == card(told(northwind()), LINK)


def test_a_card_says_what_to_do_and_whose_it_is() -> None:
    """Lines and runbook of the rule stand on the card, severity and owner at its foot."""
    lead = northwind(
        card=["Ask for <rollout>"], runbook="Call within a day.", owner="growth", severity="high"
    )

    posted = [text["text"] for text in texts(card(told(lead)))]
    box = card_text(told(lead))

    assert "Ask for &lt;rollout&gt;\nCall within a day." in posted
    assert "severity high · owner growth" in posted[-1]
    assert "Ask for <rollout>" in box
    assert "Call within a day." in box


def test_the_terminal_box_is_as_designed() -> None:
    """The same card in a terminal, character for character."""
    expected = (GOLDEN / "northwind.txt").read_text(encoding="utf-8")

    assert expected == card_text(told(northwind()), LINK) + "\n"


@settings(max_examples=examples(40))
@given(LEADS)
def test_fault_086_no_stranger_gives_slack_a_command(lead: Lead) -> None:
    """No text that came from outside forms a mention, a link or a reversed line."""
    made = card(told(lead))
    shown = [made["text"], *(one["text"] for one in texts(made["blocks"]))]

    assert not [text for text in shown for command in COMMANDS if command in text]
    assert not [text for text in shown if BIDI & set(text)]
    assert not [
        text for text in shown for sign in text if (sign < " " and sign != "\n") or "\x7f" <= sign <= "\x9f"
    ]


@settings(max_examples=examples(40))
@given(LEADS)
def test_fault_085_every_card_is_within_the_limits(lead: Lead) -> None:
    """Headers, sections, contexts and the number of blocks stay below what Slack takes."""
    made = card(told(lead), LINK)
    limits = {"header": 150, "section": 3_000, "context": 3_000}

    assert len(made["blocks"]) <= 50
    assert all(len(block.get("elements", [])) <= 10 for block in made["blocks"])
    for block in made["blocks"]:
        assert all(1 <= units(text["text"]) <= limits[block["type"]] for text in texts(block))


@settings(max_examples=examples(40))
@given(LEADS, st.integers(0, 200))
def test_the_box_is_straight(lead: Lead, width: int) -> None:
    """Every line of the terminal card is equally wide, at most 80 columns, wide characters or not."""
    lines = card_text(told(lead), LINK, width).split("\n")

    assert {min(max(width, LEAST), WIDTH)} == {columns(line) for line in lines}
    assert WIDTH <= 80


def test_fault_086_nothing_is_unfurled_linked_or_parsed() -> None:
    """Slack is never asked to find names, channels or links in the text by itself."""
    made = card(told(northwind(account_id="<http://evil.example>")))

    assert not made["unfurl_links"]
    assert not made["unfurl_media"]
    assert not {"link_names", "parse"} & set(made)
    assert made["blocks"][1]["text"]["verbatim"]


def test_metadata_names_the_lead() -> None:
    """A bot can find the message of a lead again."""
    lead = northwind()

    assert {"lead_id": lead.id} == card(told(lead))["metadata"]["event_payload"]


def test_fault_086_entities_are_made_once() -> None:
    """An entity in a name stays visible as the five characters somebody typed."""
    assert "&amp;lt;!channel&amp;gt; &lt;b&gt;" == escaped("&lt;!channel&gt; <b>", 100)


@pytest.mark.parametrize(("limit", "expected"), [(7, "a&amp;…"), (11, "a&amp;…"), (12, "a&amp;&amp;b")])
def test_a_cut_splits_no_entity(limit: int, expected: str) -> None:
    """An entity is kept whole or left out."""
    assert expected == escaped("a&&b", limit)


def test_fault_085_a_cut_splits_no_character() -> None:
    """A character beyond the first plane counts as two and is kept whole or left out."""
    assert "\U0001f680…" == escaped("\U0001f680\U0001f680", 3)


def test_the_account_id_is_encoded_in_the_link() -> None:
    """An id can neither end the address nor walk out of its path."""
    section = card(told(northwind(account_id="a/../b|c>d")), LINK)["blocks"][1]["text"]["text"]

    assert "<https://app.example.com/accounts/a%2F..%2Fb%7Cc%3Ed|" in section


@pytest.mark.parametrize("subject", ["user", "anonymous"])
def test_only_accounts_are_linked(subject: str) -> None:
    """The link template is about accounts; a user without one gets no link."""
    made = card(told(northwind(subject=subject)), LINK)

    assert "https://" not in json.dumps(made["blocks"])


def test_a_shortened_id_is_not_linked() -> None:
    """Rather no link than one to another account."""
    made = card(told(northwind(account_id="x" * 9_000)), LINK)

    assert "https://" not in json.dumps(made["blocks"])


@pytest.mark.parametrize(
    "link", ["http://app.example.com", "javascript:alert(1)", "https://a b", "https://a|b", "x"]
)
def test_a_wrong_link_stops_the_deployment(link: str) -> None:
    """Only https addresses make links."""
    with pytest.raises(ValueError, match="account link"):
        checked_link(link)


@pytest.mark.parametrize("link", ["", LINK, "https://app.example.com/?q={account_id}&x=1"])
def test_a_good_link_passes(link: str) -> None:
    """No link at all is fine too."""
    assert link == checked_link(link)


def test_an_empty_lead_still_makes_a_card() -> None:
    """Without evidence, people, traits, score and reason the rest is there and valid."""
    bare = northwind(evidence=[], people=[], traits={}, score=None, reason="", title="")
    made = card(told(bare))

    assert ["header", "section", "context"] == [block["type"] for block in made["blocks"]]
    assert "A new lead" in made["text"]


def test_a_card_says_what_people_have_to_do_with_the_lead() -> None:
    """Who did it comes first, and without a number if their events are not counted apart."""
    people = [
        Person("joe", 9, CREATED),
        Person("ann", 2, CREATED, role="counted"),
        Person("boss", 0, CREATED, role="did"),
        Person("eve", 1, CREATED, role="champion"),
    ]
    lines = card_text(told(northwind(people=people))).splitlines()
    start = next(place for place, line in enumerate(lines) if "Most active people" in line)

    assert [
        "boss · did it · active just now",
        "eve · the champion · 1 event in all · active just now",
        "ann · took part · 2 events in all · active just now",
        "joe · 9 events in all · active just now",
    ] == [line.strip("│ ") for line in lines[start + 1 : start + 5]]


def test_a_card_about_a_person_says_who_it_is_and_lists_nobody() -> None:
    """By name and address as far as they are known; no link leads to an account of that name."""
    person = Person("ada", 7, 1_795_000_000_000, "Ada <Lovelace>", "ada@acme.test")
    lead = northwind(account_id="ada", subject="user", subject_key="p:ada", people=[person], traits={})
    visitor = northwind(account_id="x", subject="anonymous", subject_key="v:x", people=[], traits={})
    shown = card(told(lead), LINK)
    lines = [text["text"] for text in texts(shown)]

    assert any("Person Ada &lt;Lovelace&gt; · ada@acme.test" in line for line in lines)
    assert [] == [line for line in lines if "Most active people" in line or "app.example.com" in line]
    assert any("Visitor x" in text["text"] for text in texts(card(told(visitor))))
    assert any(
        "Person ada" in text["text"] for text in texts(card(told(msgspec.structs.replace(lead, people=[]))))
    )
