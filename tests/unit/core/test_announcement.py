"""The announcement: always a valid message of at most 8 KB, shortened in a known order."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from fakes.chances import examples
from fakes.leads import LEADS, northwind
from pql.core.announcement import ATTRIBUTE_LIMIT, announcement, attributes
from pql.core.clean_text import xml_safe
from pql.core.errors import NewerVersion, Poison
from pql.core.lead import Lead, Operand, Person, Scalar
from pql.core.lead_message import LeadMessage, decode, encoded, schema

SCHEMA = Path(__file__).parents[3] / "docs" / "lead.schema.json"
TOPIC_LIMIT = 256 * 1024


@settings(max_examples=examples(40))
@given(LEADS)
def test_every_body_fits_and_decodes(lead: Lead) -> None:
    """Whatever a lead holds, its message has at most 8,192 bytes, decodes, and names the same lead."""
    key = lead.key

    body = encoded(announcement(lead, key))

    assert len(body) <= 8_192
    assert key == decode(body.decode()).key
    assert lead.id == decode(body.decode()).lead_id


@settings(max_examples=examples(40))
@given(LEADS)
def test_the_topic_takes_every_message(lead: Lead) -> None:
    """Body and attributes hold only what SNS takes; no attribute is empty or long."""
    message = announcement(lead, lead.key)
    body, named = encoded(message).decode(), attributes(message)

    assert xml_safe(body) == body
    assert {"rule", "tier", "account_id", "lead_id", "about"} == set(named)
    assert all(value and xml_safe(value) == value for value in named.values())
    assert all(len(value) <= ATTRIBUTE_LIMIT for value in named.values())


def test_a_small_lead_is_told_whole() -> None:
    """A lead that fits is not shortened, and its times are ISO 8601."""
    lead = northwind()

    message = announcement(lead, lead.key)

    assert not message.truncated
    assert "2026-11-22T03:00:00.000Z" == message.created_at
    assert [person.id for person in lead.people] == [person.id for person in message.people]
    assert len(lead.evidence) == len(message.evidence)
    assert lead.traits == message.traits


def test_people_go_before_conditions() -> None:
    """Of a crowd the first five stay, and no condition is lost for it."""
    crowd = [Person(f"user-{number}", number, 0, "N" * 80, "e" * 80) for number in range(100)]
    lead = northwind(people=crowd)

    message = announcement(lead, lead.key)

    assert message.truncated
    assert message.people_partial
    assert [person.id for person in crowd[:5]] == [person.id for person in message.people]
    assert len(lead.evidence) == len(message.evidence)


def test_conditions_that_did_not_hold_go_before_those_that_did() -> None:
    """What made the lead one is told as long as it fits."""
    evidence = [
        Operand(f"{number:02}{'w' * 200}", 1, "at least", 3, met=number % 2 == 0) for number in range(40)
    ]
    lead = northwind(evidence=evidence)

    message = announcement(lead, lead.key)

    assert message.truncated
    assert [f"{number:02}" for number in range(0, 40, 2)] == [one.words[:2] for one in message.evidence]


def test_ten_traits_stay_where_all_are_too_many() -> None:
    """The first ones: those that a card shows."""
    lead = northwind(evidence=[], people=[], traits={f"trait {number:02}": "x" * 195 for number in range(40)})

    message = announcement(lead, lead.key)

    assert [*lead.traits][:10] == [*message.traits]


def test_fault_076_the_worst_lead_fits() -> None:
    """Characters that JSON writes in six bytes, in every text there is, still end below 8 KB."""
    bad = "\x00" * 9_000
    operand = Operand(bad, bad, bad, [bad] * 20, met=True, event_id=bad)
    people = [Person(bad, 1, 0, bad, bad)] * 30
    traits: dict[str, Scalar] = {f"{number:02}{bad}": bad for number in range(30)}
    told = {"title": bad, "reason": bad, "event_id": bad, "score_name": bad, "owner": bad, "runbook": bad}
    lists = {"channels": [bad] * 10, "card": [bad] * 6}
    lead = northwind(account_id=bad, evidence=[operand] * 30, people=people, traits=traits, **told, **lists)

    message = announcement(lead, lead.key)

    assert len(encoded(message)) <= 8_192
    assert message.truncated
    assert ([], [], {}) == (message.evidence, message.people, message.traits)


def test_an_attribute_keeps_an_ordinary_id() -> None:
    """Subscribers can filter on the account id exactly as it was sent, in any script."""
    lead = northwind(account_id="株式会社 & Söhne")

    assert "株式会社 & Söhne" == attributes(announcement(lead, lead.key))["account_id"]


def test_an_attribute_is_cut_where_the_message_is_not() -> None:
    """Whoever filters on an id of three hundred letters filters on its beginning."""
    message = announcement(lead := northwind(account_id="a" * 300), lead.key)

    assert ("a" * 300, "a" * ATTRIBUTE_LIMIT) == (message.account_id, attributes(message)["account_id"])


def test_control_characters_leave_the_attribute_and_not_the_key() -> None:
    """An id SNS would refuse is readable in the attribute and exact in the subject key."""
    lead = northwind(account_id="a\x00b")
    message = announcement(lead, lead.key)

    assert "a\ufffdb" == attributes(message)["account_id"]
    assert "a:a%00b" == message.subject_key


def test_a_newer_message_is_left_alone() -> None:
    """A version this code does not know is for a newer deployment to read."""
    with pytest.raises(NewerVersion):
        decode('{"version": 2, "anything": true}')


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        '{"version": "x"}',
        '{"version": 1}',
        pytest.param('{"version": 1, "lead_id": ' + "[" * 100_000, id="too deep to be read"),
        "\ud800",
        "hello",
    ],
)
def test_anything_else_is_poison(body: str) -> None:
    """What `encoded` cannot have written is poison, not a crash."""
    with pytest.raises(Poison):
        decode(body)


def test_unknown_fields_are_ignored() -> None:
    """A subscriber's decoder, and ours, reads a message with fields added later."""
    lead = northwind()
    body = json.loads(encoded(announcement(lead, lead.key)))

    assert isinstance(decode(json.dumps({**body, "added_later": 1})), LeadMessage)


def test_the_schema_file_is_the_one_of_the_code() -> None:
    """`docs/lead.schema.json` says what the structs say."""
    written = json.loads(SCHEMA.read_text(encoding="utf-8"))

    assert json.loads(msgspec.json.encode(schema())) == written


@pytest.mark.parametrize(
    ("subject", "about"),
    [("a:acme", "account"), ("u:ada", "account"), ("n:x", "account"), ("p:ada", "user"), ("v:x", "user")],
)
def test_subscribers_can_tell_what_a_rule_is_about(subject: str, about: str) -> None:
    """In the message and by an attribute, whoever stands in an account's place."""
    lead = northwind(subject_key=subject)
    message = announcement(lead, lead.key)

    assert (about, about) == (message.about, attributes(message)["about"])
