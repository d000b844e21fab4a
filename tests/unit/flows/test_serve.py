"""Serve: digests for channels that have fallen behind, and no second card after a doubtful first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from fakes.crashing_store import Killed
from fakes.delivery import Failing, Post, record, told
from fakes.leads import CREATED, northwind
from fakes.memory_channels import MemoryChat
from pql.adapters.memory_outbox import MemoryOutbox
from pql.core.errors import PqlError, Unanswered, Unavailable, Undeliverable
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.flows.card.digest import MOST
from pql.flows.serve import BURST, SINGLE


def leads(number: int) -> list[Lead]:
    """Return so many leads, oldest first."""
    bare: dict[str, Any] = {"evidence": [], "people": [], "traits": {}}
    return [northwind(cycle=cycle, created=CREATED + cycle, **bare) for cycle in range(1, number + 1)]


@pytest.mark.parametrize(("number", "cards"), [(20, 20), (21, 1), (MOST, 1), (MOST + 1, 2)])
def test_more_than_twenty_are_told_together(number: int, cards: int) -> None:
    """Up to twenty waiting leads get a card each, more of them as few digests as hold them all."""
    chat = MemoryChat()
    waiting = leads(number)

    outcome = Post(waiting, chat).batch([record(lead) for lead in waiting])

    assert cards == len(chat.cards)
    assert [lead.id for lead in waiting] == told(chat)
    assert (number, []) == (outcome.counts["LeadsDelivered"], outcome.failed)


def test_fault_078_an_hour_of_outage_is_caught_up_within_a_minute() -> None:
    """Six hundred leads that waited are all told, once each, in order, at a message a second."""
    waiting = leads(600)
    chat = Failing(*[Unanswered("Slack answered 503")] * 400)
    post = Post(waiting, chat)
    received = dict.fromkeys(range(600), 0)
    due = dict.fromkeys(range(600), 0)
    begin = post.now
    while post.now < begin + 3_600_000:
        batch = [number for number in due if due[number] <= post.now][:10]
        for number in batch:
            received[number] += 1
        post.batch([record(waiting[number], received[number]) for number in batch])
        due |= {number: post.now + 1000 * post.delay(number + 1) for number in batch}
        post.now = max(post.now + 500, min(due.values()))
    chat.errors.clear()
    tries, back = chat.calls, post.now

    first = min(due, key=lambda number: due[number])
    post.now = max(back, due[first])
    post.batch([record(waiting[first], 9)])

    assert [lead.id for lead in waiting] == told(chat)
    assert set(range(1, 601)) == post.sent()
    assert post.now - back <= 60_000
    assert (12, []) == (len(chat.cards), post.backlog.every())
    assert tries <= 600 * 4


def test_fault_084_a_storm_is_told_in_digests() -> None:
    """Five thousand leads at once cost a hundred messages, a second apart, and none is missing."""
    storm = leads(5_000)
    chat = MemoryChat()
    post = Post(storm, chat)
    begin = post.now

    for start in range(0, len(storm), 100):
        post.batch([record(lead) for lead in storm[start : start + 100]])

    assert 100 == len(chat.cards)
    assert [lead.id for lead in storm] == told(chat)
    assert post.now == begin


def test_a_message_a_second_after_a_short_burst() -> None:
    """Slack takes a few at once, and then one a second."""
    waiting = leads(BURST + 3)
    post = Post(waiting, MemoryChat())

    post.batch([record(lead) for lead in waiting])

    assert [1.0] * 3 == post.paused


def test_fault_080_an_answer_that_is_lost_costs_no_second_card() -> None:
    """Who finds an attempt of unknown outcome looks whether the card is there, since the lead was made."""
    (lead,) = leads(1)
    chat = Failing(Unanswered("reset"), took=1)
    post = Post([lead], chat)
    post.batch([record(lead)])
    post.now += 60_000

    outcome = post.batch([record(lead, 2)])

    assert ([lead.id], 1, {1}) == (told(chat), outcome.counts["LeadsFound"], post.sent())
    assert [(frozenset({lead.id}), lead.created)] == chat.asked


def test_a_card_that_is_not_there_is_posted() -> None:
    """A doubt that turns out well: the first attempt had not reached anybody."""
    (lead,) = leads(1)
    chat = Failing(Unanswered("reset"))
    post = Post([lead], chat)
    post.batch([record(lead)])
    post.now += 60_000

    post.batch([record(lead, 2)])

    assert ([lead.id], 1) == (told(chat), len(chat.asked))


def test_nobody_looks_without_a_doubt() -> None:
    """A clear refusal to take a card now leaves nothing to look for."""
    (lead,) = leads(1)
    chat = Failing(Unavailable("limited"))
    post = Post([lead], chat)
    post.batch([record(lead)])
    post.now += 60_000

    post.batch([record(lead, 2)])

    assert ([lead.id], []) == (told(chat), chat.asked)


@pytest.mark.parametrize("error", [Unavailable("limited"), Unanswered("reset")])
def test_a_doubt_stays_until_somebody_has_looked(error: PqlError) -> None:
    """While nobody can look, nobody posts."""
    (lead,) = leads(1)
    chat = Failing(Unanswered("reset"), took=1, lookups=[error])
    post = Post([lead], chat)
    for received in (1, 2, 3):
        post.batch([record(lead, received)])
        post.now += 60_000

    assert ([lead.id], 2, {1}) == (told(chat), len(chat.asked), post.sent())


def test_a_digest_whose_answer_is_lost_is_found_again() -> None:
    """All of its leads are looked for, and only what is new since is posted."""
    waiting = leads(SINGLE + 6)
    chat = Failing(Unanswered("reset"), took=1)
    post = Post(waiting, chat)
    post.batch([record(lead) for lead in waiting[:-1]])
    post.now += 60_000

    outcome = post.batch([record(waiting[-1])])

    assert [lead.id for lead in waiting] == told(chat)
    assert (2, SINGLE + 5) == (len(chat.cards), outcome.counts["LeadsFound"])
    assert [waiting[0].created] == [since for _, since in chat.asked]


def test_a_delivery_that_cannot_be_written_down_keeps_no_other_from_it() -> None:
    """All of a digest are in the chat: whoever comes next asks for that one alone."""
    waiting = leads(SINGLE + 5)

    class Forgetful(MemoryOutbox):
        def mark_sent(self, key: LeadKey, channel: str, at: int) -> None:
            if key == waiting[0].key:
                raise Unavailable("DynamoDB: down")
            super().mark_sent(key, channel, at)

    post = Post(waiting, MemoryChat())
    forgetful = Forgetful(post.outbox.leads, post.outbox.leases)
    outcome = replace(post.deliver, outbox=forgetful).batch([record(lead) for lead in waiting])

    assert (["m1"], set(range(2, SINGLE + 6))) == (outcome.failed, post.sent())


def test_a_digest_that_is_refused_comes_apart() -> None:
    """What Slack will not take together it may take one by one, and the one to blame is parked."""
    waiting = leads(SINGLE + 1)
    refusal = Undeliverable("no", "msg_blocks_too_long")
    chat = Failing(refusal, refusal)
    post = Post(waiting, chat)

    outcome = post.batch([record(lead) for lead in waiting])

    assert [lead.id for lead in waiting[1:]] == told(chat)
    assert ["m1"] == outcome.failed


def test_only_the_refused_digest_comes_apart() -> None:
    """The others are told together all the same."""
    waiting = leads(3 * MOST)
    chat = Failing(Undeliverable("no", "msg_blocks_too_long"))

    Post(waiting, chat).batch([record(lead) for lead in waiting])

    assert [lead.id for lead in waiting] == told(chat)
    assert MOST + 2 == len(chat.cards)


def test_a_lead_that_is_gone_is_crossed_out() -> None:
    """What waits and was erased since is no longer waited for."""
    waiting = leads(2)
    post = Post(waiting, Failing(Unanswered("down")))
    post.batch([record(lead) for lead in waiting])
    del post.outbox.leads[waiting[0].key]
    post.now += 60_000

    post.batch([record(waiting[1], 2)])

    assert ([], {2}) == (post.backlog.every(), post.sent())


def test_fault_081_two_senders_at_once_make_one_card() -> None:
    """Whoever comes while another one posts finds every lead of the digest leased and leaves it alone."""
    waiting = leads(SINGLE + 5)
    records = [record(lead) for lead in waiting]
    others: list[list[str]] = []

    class Crowded(MemoryChat):
        def post(self, card: Mapping[str, Any]) -> None:
            others.append(post.batch(records).failed)
            super().post(card)

    chat = Crowded()
    post = Post(waiting, chat)
    outcome = post.batch(records)

    assert [lead.id for lead in waiting] == told(chat)
    assert ([], [[one["messageId"] for one in records]]) == (outcome.failed, others)


@dataclass
class Mortal:
    """Anything, one of whose calls is the last: the function ends before it or right after."""

    target: Any
    fatal: list[int]
    after: bool

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.target, name)
        return self._guarded(found) if callable(found) else found

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any) -> Any:
            self.fatal[0] -= 1
            if self.fatal[0] == 0 and not self.after:
                raise Killed
            answer = call(*args)
            if self.fatal[0] == 0:
                raise Killed
            return answer

        return guarded


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [3, SINGLE + 2])
def test_fault_077_a_crash_at_any_call_loses_nothing_and_doubles_nothing(number: int, after: bool) -> None:  # noqa: FBT001
    """Cards and digests of a channel that can be looked at: exactly one for each lead, wherever it ends."""
    calls = 0
    while True:
        calls += 1
        waiting = leads(number)
        chat = MemoryChat()
        post = Post(waiting, Failing(Unanswered("down")))
        post.batch([record(lead) for lead in waiting[:-1]])
        post.now += 60_000
        crashed = _crash(post, chat, record(waiting[-1]), calls, after=after)
        post.now += 200_000

        last = Post(waiting, chat)
        last.outbox, last.backlog, last.now = post.outbox, post.backlog, post.now
        again = _alike(last).batch([record(lead, 9) for lead in waiting])

        assert ([], sorted(lead.id for lead in waiting)) == (again.failed, sorted(told(chat))), calls
        assert [] == post.backlog.every()
        if not crashed:
            break

    assert calls > 4 * number


def _crash(post: Post, chat: MemoryChat, last: dict[str, Any], calls: int, *, after: bool) -> bool:
    fatal = [calls]
    doomed = Post([], Mortal(chat, fatal, after))
    doomed.outbox = Mortal(post.outbox, fatal, after)  # type: ignore[assignment]
    doomed.backlog = Mortal(post.backlog, fatal, after)  # type: ignore[assignment]
    doomed.now = post.now
    try:
        _alike(doomed).batch([last])
    except Killed:
        return True
    return False


def _alike(post: Post) -> Any:
    return replace(post.deliver, outbox=post.outbox, backlog=post.backlog)
