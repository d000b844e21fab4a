"""Sweep: what the stream lost is announced, oldest first, within bounds."""

from __future__ import annotations

from collections.abc import Mapping

from fakes.leads import CREATED, northwind
from fakes.memory_channels import MemoryTopic
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.errors import Poison, Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_message import decode
from pql.flows.sweep import sweep

LEADS = [northwind(cycle=cycle, created=CREATED - cycle) for cycle in (1, 2, 3)]
TEN_MINUTES = 600_000
LATER = CREATED + TEN_MINUTES + 1


def outbox_of_all() -> MemoryOutbox:
    """Return an outbox where all leads wait."""
    return MemoryOutbox({lead.key: LeadRecord(lead) for lead in LEADS})


def plenty() -> int:
    """Return a whole run's time."""
    return 60_000


def test_fault_070_old_leads_are_announced_oldest_first_and_once() -> None:
    """Two runs announce each lead once, in the order of creation."""
    outbox, topic = outbox_of_all(), MemoryTopic()

    first = sweep(outbox, topic, lambda: LATER, plenty)
    second = sweep(outbox, topic, lambda: LATER, plenty)

    assert [3, 2, 1] == [decode(body).cycle for body, _ in topic.messages]
    assert (3, 0) == (first.counts["LeadsSwept"], second.counts["LeadsSwept"])


def test_young_leads_are_left_to_the_stream() -> None:
    """A lead of ten minutes or less is still on its way."""
    topic = MemoryTopic()

    sweep(outbox_of_all(), topic, lambda: CREATED - 3 + TEN_MINUTES, plenty)

    assert [] == topic.messages


def test_a_run_is_bounded() -> None:
    """One run looks at a fixed number of leads, the next goes on."""
    outbox, topic = outbox_of_all(), MemoryTopic()

    sweep(outbox, topic, lambda: LATER, plenty, limit=2)

    assert [3, 2] == [decode(body).cycle for body, _ in topic.messages]


def test_a_run_ends_before_its_function_does() -> None:
    """With little time left nothing is begun."""
    topic = MemoryTopic()

    sweep(outbox_of_all(), topic, lambda: LATER, lambda: 4_999)

    assert [] == topic.messages


def test_an_item_that_is_no_lead_is_passed_over() -> None:
    """One bad item at the head of the index does not stop the others, and is reported."""

    class Spoiled(MemoryOutbox):
        def lead(self, key: LeadKey) -> LeadRecord | None:
            if key.cycle == 3:
                raise Poison("no lead in the item")
            return super().lead(key)

    topic = MemoryTopic()

    outcome = sweep(Spoiled(outbox_of_all().leads), topic, lambda: LATER, plenty)

    assert [2, 1] == [decode(body).cycle for body, _ in topic.messages]
    assert ["classic#3"] == [item for item, _ in outcome.faults]


def test_an_outage_ends_the_run() -> None:
    """The error is kept for the handler to raise, after one call."""

    class Down(MemoryTopic):
        calls = 0

        def publish(self, body: str, attributes: Mapping[str, str]) -> None:
            self.calls += 1
            raise Unavailable("SNS: down")

    topic = Down()

    outcome = sweep(outbox_of_all(), topic, lambda: LATER, plenty)

    assert isinstance(outcome.stopped, Unavailable)
    assert 1 == topic.calls
