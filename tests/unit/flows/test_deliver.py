"""Deliver: one card for each lead and channel, whoever is down and whatever comes twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from fakes.delivery import NOW, QUEUE, Failing, Post, record, told
from fakes.leads import CREATED, northwind
from fakes.memory_channels import MemoryChat, MemoryRedelivery
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.errors import ChannelClosed, PqlError, Unanswered, Unavailable, Undeliverable
from pql.flows.channels import Channels
from pql.flows.deliver import LATE
from pql.flows.serve import ENOUGH, LEASE_MARGIN

THREE = [northwind(cycle=cycle, created=CREATED + cycle) for cycle in (1, 2, 3)]
RECORDS = [record(lead) for lead in THREE]


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


def test_an_outage_is_met_once_and_the_rest_waits() -> None:
    """After one call without an answer the channel rests, each message waits for itself, all are listed."""
    chat = Failing(Unanswered("Slack answered 503"))
    post = Post(THREE, chat)
    batch = [record(THREE[0], 1), record(THREE[1], 2), record(THREE[2], 9)]

    outcome = post.batch(batch)

    assert ["m1", "m2", "m3"] == outcome.failed
    assert 1 == chat.calls
    assert [11, 30, 900] == [post.delay(cycle) for cycle in (1, 2, 3)]
    assert [lead.key for lead in THREE] == [one.key for _, one in post.backlog.every()]
    assert 1 == len(outcome.faults)


def test_what_is_done_before_an_outage_is_not_listed_as_waiting() -> None:
    """Delivered or parked it stays so; the rest of the run waits."""
    chat = Failing(None, Undeliverable("no", "msg_blocks_too_long"), Unanswered("Slack answered 503"))
    post = Post(THREE, chat)

    post.batch(RECORDS)

    waits = [(one.key, one.parked) for _, one in post.backlog.every()]
    assert [(THREE[1].key, True), (THREE[2].key, False)] == waits


def test_what_has_waited_for_a_quarter_of_an_hour_is_counted_as_late() -> None:
    """However often it was received, and by whatever it is kept back: nobody else sees its age."""
    post = Post(THREE, Failing(Unanswered("down"), ChannelClosed("closed", "is_archived")))
    post.now = CREATED + LATE + 1

    outcomes = [post.batch(RECORDS)]
    post.now += LATE
    outcomes += [post.batch(RECORDS[2:]), post.batch(RECORDS[2:])]

    assert [1, 1, 1] == [outcome.counts["LeadsLate"] for outcome in outcomes]


def test_a_resting_channel_is_not_called() -> None:
    """What comes while the channel rests is listed and waits until it has rested at least."""
    chat = MemoryChat()
    post = Post(THREE, chat)
    post.backlog.rest("slack", NOW + 600_000)

    outcome = post.batch(RECORDS)

    assert ([], ["m1", "m2", "m3"]) == (chat.cards, outcome.failed)
    assert all(600 <= post.delay(cycle) < 900 for cycle in (1, 2, 3))
    assert 3 == len(post.backlog.every())


def test_the_first_after_an_outage_takes_the_others_along() -> None:
    """One message that comes back delivers all that wait, and theirs find it done."""
    chat = Failing(Unanswered("down"))
    post = Post(THREE, chat)
    post.batch(RECORDS)
    post.now += 60_000

    first = post.batch([record(THREE[2], 2)])
    others = post.batch([record(lead, 2) for lead in THREE[:2]])

    assert [lead.id for lead in THREE] == told(chat)
    assert (3, 2) == (first.counts["LeadsDelivered"], others.counts["LeadsAlreadyDelivered"])
    assert [] == post.backlog.every()


@pytest.mark.parametrize(("asked", "least"), [(30.0, 30), (600.0, 600), (1e9, 900)])
def test_fault_079_slack_may_ask_for_patience(asked: float, least: int) -> None:
    """A Retry-After is kept by the message and by the channel, up to a quarter of an hour."""
    post = Post(THREE, Failing(Unavailable("limited", retry_after=min(asked, 900.0))))

    post.batch(RECORDS[:1])

    assert least <= post.delay(1) <= 900
    assert least * 1000 == post.backlog.rests["slack"] - NOW


def test_fault_079_other_channels_go_on() -> None:
    """A channel that is limited keeps no other one waiting, nor the lead's own other channels."""
    limited, well = Failing(Unavailable("limited", retry_after=30.0)), MemoryChat()
    leads = [
        northwind(cycle=1, channels=["#slow", "#fast"]),
        northwind(cycle=2, channels=["#slow"]),
        northwind(cycle=3, channels=["fast"]),
    ]
    post = Post(leads, {"slow": limited, "fast": well})

    outcome = post.batch([record(lead) for lead in leads])

    assert [leads[0].id, leads[2].id] == told(well)
    assert (["m1", "m2"], 1) == (outcome.failed, limited.calls)
    post.now += 31_000
    post.batch([record(leads[0], 2)])
    assert ([leads[0].id, leads[1].id], 2) == (told(limited), len(well.cards))


def test_the_storm_of_one_channel_keeps_no_other_one_waiting() -> None:
    """Neither for its turn nor for its time: who waits for one lead has it in the first run."""

    class Slow(MemoryChat):
        def post(self, card: Mapping[str, Any]) -> None:
            post.now += 700
            if "lead_ids" in str(card["metadata"]):
                raise Undeliverable("no", "msg_blocks_too_long")
            super().post(card)

    storm = [northwind(cycle=cycle, created=CREATED + cycle, channels=["a"]) for cycle in range(1, 98)]
    other = [northwind(cycle=cycle, created=CREATED + cycle, channels=["b"]) for cycle in (98, 99)]
    slow, well = Slow(), MemoryChat()
    post = Post([*storm, *other], {"a": slow, "b": well}, lambda: NOW + 60_000 - post.now)

    post.batch([record(lead) for lead in [*storm, *other]])

    assert [lead.id for lead in other] == told(well)
    assert 0 < len(slow.cards) < len(storm)


def test_each_channel_has_its_share_of_the_time() -> None:
    """The backlog that a channel brings along is not for the others to wait for, whoever is first."""

    class Slow(MemoryChat):
        def post(self, card: Mapping[str, Any]) -> None:
            post.now += 10_000
            super().post(card)

    leads = [northwind(cycle=cycle, created=CREATED + cycle, channels=["b"]) for cycle in range(1, 13)]
    last = northwind(cycle=13, created=CREATED + 13, channels=["a"])
    slow, well = Slow(), MemoryChat()
    begun = NOW
    post = Post([*leads, last], {"a": well, "b": slow}, lambda: begun + 60_000 - post.now)
    post.backlog.rest("slack:b", NOW + 1)
    post.batch([record(lead) for lead in leads])
    post.now = begun = NOW + 900_000

    post.batch([record(leads[0], 2), record(last)])

    assert [last.id] == told(well)
    assert 0 < len(slow.cards) < len(leads)


def test_what_a_short_channel_leaves_of_its_time_is_for_a_long_one() -> None:
    """Whichever the messages name first."""

    class Slow(MemoryChat):
        def post(self, card: Mapping[str, Any]) -> None:
            post.now += 3_000
            super().post(card)

    long = [northwind(cycle=cycle, created=CREATED + cycle, channels=["a"]) for cycle in range(1, 11)]
    short = northwind(cycle=11, created=CREATED + 11, channels=["b"])
    chats = {"a": Slow(), "b": Slow()}
    post = Post([*long, short], chats, lambda: NOW + 60_000 - post.now)

    post.batch([record(lead) for lead in [*long, short]])

    assert [len(long), 1] == [len(chat.cards) for chat in chats.values()]


def test_the_channel_that_is_well_first_is_tried_first() -> None:
    """A lead of a closed channel and a limited one comes again when the limited one has rested."""
    lead = northwind(cycle=1, channels=["closed", "limited"])
    chats = {"closed": Failing(ChannelClosed("archived")), "limited": Failing(Unavailable("limited", 60.0))}
    post = Post([lead], chats)

    post.batch([record(lead)])

    assert 60 <= post.delay(1) < 70


def test_a_lead_is_posted_once_to_each_channel_of_its_rule() -> None:
    """A channel that is named twice is one, and the default channel hears nothing of it."""
    chats = {"": MemoryChat(), "sales": MemoryChat(), "C0123": MemoryChat()}
    lead = northwind(cycle=1, channels=["#sales", "C0123", "sales"])
    post = Post([lead], chats)

    outcomes = [post.batch([record(lead)]) for _ in range(2)]

    assert [0, 1, 1] == [len(chat.cards) for chat in chats.values()]
    assert [2, 2] == [sum(outcome.counts.values()) for outcome in outcomes]
    assert {"slack:sales", "slack:C0123"} == set(post.outbox.leads[lead.key].sent)


def test_a_channel_nobody_set_up_parks_the_lead() -> None:
    """The name is somebody's mistake: it is counted, listed with its reason, and holds up nobody."""
    lead = northwind(cycle=1, channels=["nowhere"])
    chat = MemoryChat()
    post = Post([lead, THREE[1]], chat)

    outcome = post.batch([record(lead), RECORDS[1]])

    assert (["m1"], 1, 900) == (outcome.failed, outcome.counts["LeadsParked"], post.delay(1))
    assert [THREE[1].id] == told(chat)
    assert [("slack:nowhere", "unknown_channel")] == [(name, one.code) for name, one in post.backlog.every()]


def test_without_a_default_a_lead_without_channels_is_done_with() -> None:
    """Named webhooks alone are a choice: only rules that name one are heard."""
    post = Post(THREE, {"sales": MemoryChat()})

    outcome = post.batch(RECORDS)

    assert ([], 3) == (outcome.failed, outcome.counts["SlackNotConfigured"])


def test_fault_082_a_closed_channel_is_tried_once_in_a_quarter_of_an_hour() -> None:
    """All its leads are parked with its own code, without a call for each, until somebody mends it."""
    chat = Failing(ChannelClosed("archived", "is_archived"))
    post = Post(THREE, chat)

    outcomes = [post.batch(RECORDS), post.batch(RECORDS)]

    assert [["m1", "m2", "m3"]] * 2 == [outcome.failed for outcome in outcomes]
    assert (3, 1, 900) == (outcomes[0].counts["LeadsParked"], chat.calls, post.delay(2))
    assert {"is_archived"} == {error.code for _, error in outcomes[0].faults}
    post.now += 900_000
    post.batch(RECORDS[:1])
    assert {1, 2, 3} == post.sent()


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


@pytest.mark.parametrize(
    ("error", "delay"), [(Unavailable("no store"), 5), (ChannelClosed("no secret"), 900)]
)
def test_a_secret_that_cannot_be_used_fails_every_message(error: PqlError, delay: int) -> None:
    """No message is lost while Slack's secret cannot be read or is wrong."""
    post = Post(THREE, None)

    def broken() -> Channels | None:
        raise error

    outcome = replace(post.deliver, channels=broken).batch(RECORDS)

    assert ["m1", "m2", "m3"] == outcome.failed
    assert [delay] * 3 == [post.delay(cycle) for cycle in (1, 2, 3)]


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
