"""Deliver: one card for each lead, whoever is down and whatever comes twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fakes.leads import CREATED, northwind
from pql.adapters.memory_channels import MemoryChat, MemoryRedelivery
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.announcement import announcement
from pql.core.errors import PqlError, Unavailable, Undeliverable
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_message import encoded
from pql.flows.deliver import ENOUGH, LEASE_MARGIN, Deliver
from pql.flows.ports import Chat

NOW = CREATED + 5_000
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:slack"
THREE = [northwind(cycle=cycle) for cycle in (1, 2, 3)]


def record(lead: Lead, received: int = 1) -> dict[str, Any]:
    """Return the queue record about `lead`, received so many times."""
    return {
        "messageId": f"m{lead.cycle}",
        "receiptHandle": f"r{lead.cycle}",
        "body": encoded(announcement(lead, lead.key)).decode(),
        "attributes": {"ApproximateReceiveCount": str(received), "SentTimestamp": str(CREATED + lead.cycle)},
        "eventSourceARN": QUEUE,
    }


RECORDS = [record(lead) for lead in THREE]


class Failing(MemoryChat):
    """A chat that raises what it is given, call by call, and then works."""

    def __init__(self, *errors: PqlError | None) -> None:
        super().__init__()
        self.errors = list(errors)
        self.calls = 0

    def post(self, card: Mapping[str, Any]) -> None:
        """Fail or keep one card."""
        self.calls += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        super().post(card)


class World:
    """A delivery with its surroundings in memory."""

    def __init__(self, chat: Chat | None, remaining: Callable[[], int] = lambda: 30_000) -> None:
        self.outbox = MemoryOutbox({lead.key: LeadRecord(lead) for lead in THREE})
        self.redelivery = MemoryRedelivery()
        self.now = NOW
        self.deliver = Deliver(
            self.outbox, lambda: chat, self.redelivery, "", lambda: self.now, remaining, lambda: 0.5
        )

    def delay(self, cycle: int) -> int:
        """Return for how long the message of a lead was kept back."""
        return self.redelivery.delays[QUEUE, f"r{cycle}"]


def test_each_lead_is_posted_once_oldest_first() -> None:
    """A batch and its redelivery make one card for each lead."""
    chat = MemoryChat()
    world = World(chat)

    first = world.deliver.batch(RECORDS[::-1])
    again = world.deliver.batch(RECORDS)

    ids = [card["metadata"]["event_payload"]["lead_id"] for card in chat.cards]
    assert [lead.id for lead in THREE] == ids
    assert ([], []) == (first.failed, again.failed)
    assert 3 == again.counts["LeadsAlreadyDelivered"]


def test_a_lease_elsewhere_is_left_alone() -> None:
    """While somebody else delivers, the message stays in the queue and is not posted."""
    chat = MemoryChat()
    world = World(chat)
    world.outbox.claim(THREE[0].key, "slack", NOW - 1, NOW + 1)

    outcome = world.deliver.batch(RECORDS[:1])

    assert ["m1"] == outcome.failed
    assert [] == chat.cards
    assert {} == world.redelivery.delays


def test_an_expired_lease_is_taken_over() -> None:
    """A sender that died leaves a lease that ends, and the lead is delivered after all."""
    chat = MemoryChat()
    world = World(chat)
    world.outbox.claim(THREE[0].key, "slack", NOW - 60_000, NOW)

    world.deliver.batch(RECORDS[:1])

    assert 1 == len(chat.cards)


def test_a_lease_outlives_the_run() -> None:
    """Nobody can take a lead over from a function that may still be posting it."""
    leases: list[int] = []

    class Looking(MemoryChat):
        def post(self, card: Mapping[str, Any]) -> None:
            leases.extend(world.outbox.leases.values())

    world = World(Looking(), lambda: 20_000)
    world.deliver.batch(RECORDS[:1])

    assert [NOW + 20_000 + LEASE_MARGIN] == leases


def test_an_outage_is_met_once_and_the_rest_waits() -> None:
    """After one failed call the batch goes back, each message with its own wait, leases ended."""
    chat = Failing(Unavailable("Slack answered 503"))
    world = World(chat)
    batch = [record(THREE[0], 1), record(THREE[1], 2), record(THREE[2], 9)]

    outcome = world.deliver.batch(batch)

    assert ["m1", "m2", "m3"] == outcome.failed
    assert 1 == chat.calls
    assert [5, 30, 900] == [world.delay(cycle) for cycle in (1, 2, 3)]
    assert {} == world.outbox.leases


def test_all_is_delivered_after_an_outage() -> None:
    """What came back is posted when Slack is there again."""
    chat = Failing(Unavailable("down"))
    world = World(chat)
    world.deliver.batch(RECORDS)

    outcome = world.deliver.batch([record(lead, 2) for lead in THREE])

    assert 3 == outcome.counts["LeadsDelivered"] == len(chat.cards)


def test_slack_may_ask_for_more_patience() -> None:
    """A Retry-After of 600 s is kept where our own step would be 5 s."""
    world = World(Failing(Unavailable("limited", retry_after=600.0)))

    world.deliver.batch(RECORDS[:1])

    assert 600 <= world.delay(1) <= 900


def test_what_slack_will_never_take_is_parked() -> None:
    """The message comes again every quarter of an hour only, and the others go on."""
    chat = Failing(Undeliverable("channel_not_found"))
    world = World(chat)

    outcome = world.deliver.batch(RECORDS)

    assert ["m1"] == outcome.failed
    assert 900 == world.delay(1)
    assert (1, 2) == (outcome.counts["LeadsParked"], outcome.counts["LeadsDelivered"])
    assert {} == world.outbox.leases


def test_a_message_that_is_no_lead_is_parked() -> None:
    """Somebody else's message on the topic neither crashes the batch nor vanishes."""
    chat = MemoryChat()
    world = World(chat)

    outcome = world.deliver.batch([{**RECORDS[0], "body": "hello"}, RECORDS[1]])

    assert ["m1"] == outcome.failed
    assert 1 == len(chat.cards)


def test_a_message_about_no_stored_lead_is_parked() -> None:
    """What was published by somebody else in our form has no lead to claim."""
    chat = MemoryChat()
    world = World(chat)

    outcome = world.deliver.batch([record(northwind(cycle=77))])

    assert (["m77"], []) == (outcome.failed, chat.cards)


def test_a_newer_message_waits_for_the_deployment() -> None:
    """During a deployment a message of a newer version goes back and holds nobody up."""
    chat = MemoryChat()
    world = World(chat)

    outcome = world.deliver.batch([{**RECORDS[0], "body": '{"version":2}'}, RECORDS[1]])

    assert ["m1"] == outcome.failed
    assert (5, 1) == (world.delay(1), len(chat.cards))


def test_without_slack_every_message_is_done_with() -> None:
    """A deployment that has no Slack collects no backlog for it."""
    world = World(None)

    outcome = world.deliver.batch(RECORDS)

    assert [] == outcome.failed
    assert 3 == outcome.counts["SlackNotConfigured"]


def test_nothing_is_begun_without_time_to_finish() -> None:
    """Before its function is killed the run hands the rest back."""
    times = iter([30_000, 30_000, ENOUGH - 1, ENOUGH - 1])
    chat = MemoryChat()

    outcome = World(chat, lambda: next(times)).deliver.batch(RECORDS)

    assert (1, ["m2", "m3"]) == (len(chat.cards), outcome.failed)


@pytest.mark.parametrize(
    ("error", "delay"), [(Unavailable("no store"), 5), (Undeliverable("no secret"), 900)]
)
def test_a_secret_that_cannot_be_used_fails_every_message(error: PqlError, delay: int) -> None:
    """No message is lost while Slack's secret cannot be read or is wrong."""
    world = World(None)

    def broken() -> Chat | None:
        raise error

    deliver = Deliver(world.outbox, broken, world.redelivery, "", lambda: NOW, lambda: 30_000, lambda: 0.5)
    outcome = deliver.batch(RECORDS)

    assert ["m1", "m2", "m3"] == outcome.failed
    assert [delay] * 3 == [world.delay(cycle) for cycle in (1, 2, 3)]


def test_a_post_that_could_not_be_marked_keeps_its_lease() -> None:
    """Slack has the card: until the lease ends nobody posts it again."""

    class Forgetful(MemoryOutbox):
        def mark_sent(self, key: Any, channel: str, at: int) -> None:
            raise Unavailable("DynamoDB: down")

    chat = MemoryChat()
    world = World(chat)
    outbox = Forgetful(world.outbox.leads)
    deliver = Deliver(outbox, lambda: chat, world.redelivery, "", lambda: NOW, lambda: 30_000, lambda: 0.5)
    deliver.batch(RECORDS[:1])

    outcome = deliver.batch(RECORDS[:1])

    assert ["m1"] == outcome.failed
    assert 1 == len(chat.cards)


def test_a_queue_that_cannot_delay_changes_nothing_else() -> None:
    """The messages go back by the queue's own timeout."""

    class Deaf(MemoryRedelivery):
        def delay(self, queue: str, receipt: str, seconds: int) -> None:
            raise Unavailable("SQS: down")

    world = World(MemoryChat())
    chat = Failing(Unavailable("down"))
    deliver = Deliver(world.outbox, lambda: chat, Deaf(), "", lambda: NOW, lambda: 30_000, lambda: 0.5)

    assert ["m1", "m2", "m3"] == deliver.batch(RECORDS).failed
