"""Deliver: one card for each lead, whatever comes twice, is none of ours or has no time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fakes.delivery import NOW, QUEUE, RECORDS, THREE, Failing, Post, record, told
from fakes.leads import northwind
from fakes.memory_channels import MemoryChat, MemoryRedelivery
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.errors import Unanswered, Unavailable, Undeliverable
from pql.flows.serve import ENOUGH, LEASE_MARGIN


def test_each_lead_is_posted_once_oldest_first() -> None:
    """A batch and its redelivery make one card for each lead."""
    chat = MemoryChat()
    post = Post(THREE, chat)

    first = post.batch(RECORDS[::-1])
    again = post.batch(RECORDS)

    assert [lead.id for lead in THREE] == told(chat)
    assert ([], []) == (first.failed, again.failed)
    assert 3 == again.counts["LeadsAlreadyDelivered"]


def test_a_lease_elsewhere_is_left_alone() -> None:
    """While somebody else delivers, the message stays in the queue and is not posted."""
    chat = MemoryChat()
    post = Post(THREE, chat)
    post.outbox.claim(THREE[0].key, "slack", NOW - 1, NOW + 1)

    outcome = post.batch(RECORDS[:1])

    assert ["m1"] == outcome.failed
    assert [] == chat.cards
    assert {} == post.redelivery.delays


def test_an_expired_lease_is_taken_over() -> None:
    """A sender that died leaves a lease that ends, and the lead is delivered after all."""
    chat = MemoryChat()
    post = Post(THREE, chat)
    post.outbox.claim(THREE[0].key, "slack", NOW - 60_000, NOW)

    post.batch(RECORDS[:1])

    assert 1 == len(chat.cards)


def test_fault_081_a_lease_outlives_the_run() -> None:
    """Nobody can take a lead over from a function that may still be posting it."""
    leases: list[int] = []

    class Looking(MemoryChat):
        def post(self, card: Mapping[str, Any]) -> None:
            leases.extend(post.outbox.leases.values())

    post = Post(THREE, Looking(), lambda: ENOUGH)
    post.batch(RECORDS[:1])

    assert [NOW + ENOUGH + LEASE_MARGIN] == leases


def test_fault_082_a_card_that_slack_refuses_is_parked_alone() -> None:
    """The others go on, now and later, and its own message tries again every quarter of an hour."""
    chat = Failing(Undeliverable("no", "invalid_blocks"))
    post = Post(THREE, chat)

    outcome = post.batch(RECORDS)

    assert (["m1"], 900) == (outcome.failed, post.delay(1))
    assert (1, 2) == (outcome.counts["LeadsParked"], outcome.counts["LeadsDelivered"])
    assert [("invalid_blocks", True)] == [(one.code, one.parked) for _, one in post.backlog.every()]
    post.batch(RECORDS[1:])
    assert 3 == chat.calls
    post.batch(RECORDS[:1])
    assert ({1, 2, 3}, []) == (post.sent(), post.backlog.every())


def test_a_message_that_is_no_lead_is_parked() -> None:
    """Somebody else's message on the topic neither crashes the batch nor vanishes."""
    chat = MemoryChat()

    outcome = Post(THREE, chat).batch([{**RECORDS[0], "body": "hello"}, RECORDS[1]])

    assert (["m1"], 1) == (outcome.failed, outcome.counts["LeadsParked"])
    assert 1 == len(chat.cards)


def test_a_message_about_no_stored_lead_is_parked() -> None:
    """What was published by somebody else in our form has no lead to claim."""
    chat = MemoryChat()

    outcome = Post(THREE, chat).batch([record(northwind(cycle=77))])

    assert (["m77"], []) == (outcome.failed, chat.cards)


def test_a_newer_message_waits_for_the_deployment() -> None:
    """During a deployment a message of a newer version goes back and holds nobody up."""
    chat = MemoryChat()
    post = Post(THREE, chat)

    outcome = post.batch([{**RECORDS[0], "body": '{"version":2}'}, RECORDS[1]])

    assert ["m1"] == outcome.failed
    assert (5, 1) == (post.delay(1), len(chat.cards))


def test_without_slack_every_message_is_done_with() -> None:
    """A deployment that has no Slack collects no backlog for it."""
    outcome = Post(THREE, None).batch(RECORDS)

    assert ([], 3) == (outcome.failed, outcome.counts["SlackNotConfigured"])


def test_fault_041_a_run_that_ends_soon_starts_nothing() -> None:
    """Who has no time for another post gives the rest back, and nothing of it is leased."""
    times = iter([60_000, 60_000, *[ENOUGH - 1] * 9])
    chat = MemoryChat()
    post = Post(THREE, chat, lambda: next(times))

    outcome = post.batch(RECORDS)

    assert (1, ["m2", "m3"]) == (len(chat.cards), outcome.failed)
    assert {} == post.outbox.leases


def test_fault_080_a_post_that_could_not_be_marked_keeps_its_lease() -> None:
    """Slack has the card: until the lease ends nobody posts it again, and then somebody looks first."""

    class Forgetful(MemoryOutbox):
        def mark_sent(self, key: Any, channel: str, at: int) -> None:
            raise Unavailable("DynamoDB: down")

    chat = MemoryChat()
    post = Post(THREE, chat)
    forgetful = Forgetful(post.outbox.leads, post.outbox.leases)
    failed = replace(post.deliver, outbox=forgetful).batch(RECORDS[:1]).failed
    post.now += 30_000

    again = post.batch(RECORDS[:1])
    post.now += 120_000
    last = post.batch(RECORDS[:1])

    assert (["m1"], ["m1"], []) == (failed, again.failed, last.failed)
    assert (1, {1}) == (len(chat.cards), post.sent())


def test_a_queue_that_cannot_delay_changes_nothing_else() -> None:
    """The messages go back by the queue's own timeout."""

    class Deaf(MemoryRedelivery):
        def delay(self, queue: str, receipt: str, seconds: int) -> None:
            raise Unavailable("SQS: down")

    post = Post(THREE, Failing(Unanswered("down")))

    assert ["m1", "m2", "m3"] == replace(post.deliver, redelivery=Deaf()).batch(RECORDS).failed


def test_every_wait_is_told_to_the_queue_it_came_from() -> None:
    """A message is kept back where it came from."""
    post = Post(THREE, Failing(Unanswered("down")))

    post.batch(RECORDS)

    assert {QUEUE} == {queue for queue, _ in post.redelivery.delays}
