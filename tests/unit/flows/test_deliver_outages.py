"""Deliver: an outage is met once, the channel rests, and what waits goes out together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.delivery import NOW, RECORDS, THREE, Failing, Post, record, told
from fakes.leads import CREATED
from fakes.memory_channels import MemoryChat
from pql.core.errors import ChannelClosed, PqlError, Unanswered, Unavailable, Undeliverable
from pql.flows.channels import Channels
from pql.flows.deliver import LATE


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
