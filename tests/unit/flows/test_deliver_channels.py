"""Deliver: each lead goes to the channels of its rule, and none keeps another one waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.delivery import NOW, RECORDS, THREE, Failing, Post, record, told
from fakes.leads import CREATED, northwind
from fakes.memory_channels import MemoryChat
from pql.core.errors import ChannelClosed, Unavailable, Undeliverable


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
