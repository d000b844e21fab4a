"""Notify: every new lead reaches the topic, whatever the stream does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fakes.leads import CREATED, northwind
from fakes.memory_channels import MemoryTopic
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.errors import Unavailable
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_item import sort_key
from pql.core.lead_message import decode
from pql.flows.notify import notify

NOW = CREATED + 1_000


def inserted(lead: Lead, sequence: int, event: str = "INSERT") -> dict[str, Any]:
    """Return the stream record of `lead`."""
    keys = {"pk": {"S": lead.key.subject}, "sk": {"S": sort_key(lead.key)}}
    return {"eventName": event, "dynamodb": {"Keys": keys, "SequenceNumber": str(sequence)}}


def outbox_of(*leads: Lead) -> MemoryOutbox:
    """Return an outbox where `leads` wait."""
    return MemoryOutbox({lead.key: LeadRecord(lead) for lead in leads})


class BrokenTopic(MemoryTopic):
    """A topic that fails its n-th call, before or after it took the message."""

    def __init__(self, call: int, *, took: bool) -> None:
        super().__init__()
        self.calls = 0
        self.broken, self.took = call, took

    def publish(self, body: str, attributes: Mapping[str, str]) -> None:
        """Fail or keep one message."""
        self.calls += 1
        if self.calls == self.broken:
            if self.took:
                super().publish(body, attributes)
            raise Unavailable("SNS: Throttled")
        super().publish(body, attributes)


THREE = [northwind(cycle=cycle) for cycle in (1, 2, 3)]
RECORDS = [inserted(lead, 100 + number) for number, lead in enumerate(THREE)]


def test_a_new_lead_is_announced_once_and_marked() -> None:
    """The topic gets one message with the attributes to filter on, and the lead remembers it."""
    lead = northwind()
    outbox, topic = outbox_of(lead), MemoryTopic()

    outcome = notify([inserted(lead, 1)], outbox, topic, lambda: NOW)

    (body, attributes) = topic.messages[0]
    assert [] == outcome.failed
    assert 1 == len(topic.messages)
    assert lead.key == decode(body).key
    known = {"rule": "classic", "tier": "hot", "account_id": "northwind"}
    expected = known | {"lead_id": lead.id, "about": "account"}
    assert expected == attributes
    assert NOW == outbox.leads[lead.key].published


def test_fault_069_a_replayed_batch_announces_nothing_twice() -> None:
    """A shard iterator may go back; what the topic has is not sent again."""
    outbox, topic = outbox_of(*THREE), MemoryTopic()
    notify(RECORDS, outbox, topic, lambda: NOW)

    outcome = notify(RECORDS + RECORDS, outbox, topic, lambda: NOW)

    assert 3 == len(topic.messages)
    assert 6 == outcome.counts["LeadsAlreadyPublished"]


@pytest.mark.parametrize("event", ["MODIFY", "REMOVE", "", "insert"])
def test_fault_074_only_inserts_announce(event: str) -> None:
    """Our own status updates come back through the stream and must not feed themselves."""
    lead = northwind()
    topic = MemoryTopic()

    outcome = notify([inserted(lead, 1, event)], outbox_of(lead), topic, lambda: NOW)

    assert ([], []) == (topic.messages, outcome.failed)


@pytest.mark.parametrize("sk", ["state", "seen#20260101", "member", "leads#a#1"])
def test_fault_074_other_items_announce_nothing(sk: str) -> None:
    """Only leads are announced, even if the template's filter were lost."""
    record = inserted(northwind(), 1)
    record["dynamodb"]["Keys"]["sk"]["S"] = sk
    topic = MemoryTopic()

    outcome = notify([record], outbox_of(northwind()), topic, lambda: NOW)

    assert ([], []) == (topic.messages, outcome.failed)


def test_an_outage_fails_from_the_first_lead_on() -> None:
    """The lowest sequence number that failed is reported, and nothing after it is tried."""
    outbox, topic = outbox_of(*THREE), BrokenTopic(2, took=False)

    outcome = notify(RECORDS, outbox, topic, lambda: NOW)

    assert {"batchItemFailures": [{"itemIdentifier": "101"}]} == outcome.partial()
    assert 2 == topic.calls


@pytest.mark.parametrize(("took", "messages"), [(False, 3), (True, 4)])
def test_fault_075_a_retry_after_an_outage_announces_the_rest(*, took: bool, messages: int) -> None:
    """A lost answer costs one message more with the same lead id; no lead is lost."""
    outbox, topic = outbox_of(*THREE), BrokenTopic(2, took=took)
    notify(RECORDS, outbox, topic, lambda: NOW)

    outcome = notify(RECORDS[1:], outbox, topic, lambda: NOW)

    assert [] == outcome.failed
    assert messages == len(topic.messages)
    assert {lead.id for lead in THREE} == {decode(body).lead_id for body, _ in topic.messages}


def test_fault_072_a_poison_record_holds_nobody_up() -> None:
    """A lead key nobody can read is reported, and the leads behind it are announced."""
    poison = inserted(northwind(), 7)
    poison["dynamodb"]["Keys"]["sk"]["S"] = "lead#rule#first"
    outbox, topic = outbox_of(*THREE), MemoryTopic()

    outcome = notify([poison, *RECORDS], outbox, topic, lambda: NOW)

    assert ["7"] == outcome.failed
    assert 3 == len(topic.messages)


def test_the_shard_is_taken_up_again_from_the_first_that_failed() -> None:
    """A poison record before an outage is told again with it, and not left behind."""
    poison = inserted(northwind(), 7)
    poison["dynamodb"]["Keys"]["sk"]["S"] = "lead#rule#first"

    outcome = notify([poison, *RECORDS], outbox_of(*THREE), BrokenTopic(1, took=False), lambda: NOW)

    assert ["7"] == outcome.failed


def test_a_lead_that_was_erased_is_passed_over() -> None:
    """There is nothing to announce about an item that is gone."""
    topic = MemoryTopic()

    outcome = notify(RECORDS, outbox_of(), topic, lambda: NOW)

    assert ([], []) == (topic.messages, outcome.failed)


def test_a_lead_in_shadow_is_not_announced() -> None:
    """The rule is on trial: the lead stands in the table alone."""
    lead = northwind(status="shadow")
    outbox, topic = outbox_of(lead), MemoryTopic()

    outcome = notify([inserted(lead, 1)], outbox, topic, lambda: NOW)

    assert (1, []) == (outcome.counts["LeadsInShadow"], topic.messages)
