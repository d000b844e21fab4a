"""Redriving: dead letters go back once, none that is too old, and parked leads are tried now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from fakes.events import DAY, START, event
from fakes.leads import northwind
from fakes.memory_backlog import MemoryBacklog
from fakes.memory_mailbox import MemoryMailbox
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_outbox import MemoryOutbox
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.errors import Poison, Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.lead_message import decode
from pql.flows.channels import Waiting
from pql.flows.count import Counter
from pql.flows.dwell import DWELL
from pql.flows.mailbox import Letter
from pql.flows.process import Processor
from pql.flows.redrive import clear, of_events, of_leads, redrive, retry

NOW = START + DWELL
LEAD = northwind()


def box(*bodies: str) -> MemoryMailbox:
    """Return a queue with these messages."""
    made = MemoryMailbox()
    made.put(*bodies)
    return made


def test_dead_letters_go_back_to_their_queue() -> None:
    """All of them, however many; with the reason for which they are there."""
    dead, source = box(*(encode([event(i)]) for i in range(25))), MemoryMailbox()
    found = redrive(dead, source, of_events, NOW)

    assert (25, []) == (found.moved, list(found.refused))
    assert ([], [encode([event(i)]) for i in range(25)]) == (dead.bodies(), source.bodies())


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (encode([event("young", at=1), event("old", at=-1)]), "received more than 28 days ago"),
        ('{"v": 2, "events": []}', "written by a newer deployment"),
        ("{broken", "unreadable"),
    ],
    ids=["old", "newer", "broken"],
)
def test_fault_045_what_must_not_be_counted_stays(body: str, why: str) -> None:
    """An id that may be gone cannot say that the event was counted; others of the queue go on."""
    dead, source = box(body, encode([event("edge")])), MemoryMailbox()
    found = redrive(dead, source, of_events, NOW)

    assert (1, [body], 1) == (found.moved, dead.bodies(), dead.depth().waiting)
    assert [True] == [one.why.startswith(why) for one in found.refused]


def test_leads_are_never_too_old() -> None:
    """Their items say to whom they were told."""
    dead, source = box("whatever"), MemoryMailbox()

    assert 1 == redrive(dead, source, of_leads, NOW).moved


def test_a_look_moves_nothing() -> None:
    """And hides nothing afterwards."""
    dead, source = box(encode([event("one")]), "{broken"), MemoryMailbox()
    found = redrive(dead, source, of_events, NOW, dry=True)

    assert (1, 1) == (found.moved, len(found.refused))
    assert (2, 0, 0) == dead.depth()
    assert [] == source.bodies()


def test_a_crash_leaves_a_letter_rather_twice_than_never() -> None:
    """It is sent before it is deleted, and the next run moves the rest."""

    class Broken(MemoryMailbox):
        def delete(self, letter: Letter) -> None:
            raise Unavailable("gone")

    dead, source = Broken(), MemoryMailbox()
    dead.put(encode([event("one")]))
    with pytest.raises(Unavailable):
        redrive(dead, source, of_events, NOW)

    assert (1, 1) == (len(dead.bodies()), len(source.bodies()))


def test_what_nobody_needs_is_deleted() -> None:
    """All of it, however much; a look deletes and hides nothing."""
    failures = box(*(f"position {number}" for number in range(25)))
    looked = clear(failures, dry=True)

    assert (25, (25, 0, 0)) == (looked, failures.depth())
    assert (25, []) == (clear(failures), failures.bodies())


@pytest.fixture
def backlog() -> MemoryBacklog:
    """Return what waits: a lead for two channels of Slack and a webhook, one delivered, one gone."""
    made = MemoryBacklog()
    for channel, parked in (("slack:sales", True), ("slack", False), ("webhook", True)):
        made.add(channel, Waiting(LEAD.created, LEAD.key, "is_archived", parked=parked))
        made.rest(channel, NOW * 2)
    made.add("slack:done", Waiting(LEAD.created, LEAD.key, "timeout", parked=False))
    made.add("slack", Waiting(LEAD.created, LeadKey("a:gone", "busy", 1), "timeout", parked=False))
    return made


def queues(slack: MemoryMailbox) -> Callable[[str], MemoryMailbox | None]:
    """Return the queues of a deployment without a webhook."""
    return {"slack": slack}.get


def test_what_waits_for_a_channel_is_tried_now(backlog: MemoryBacklog) -> None:
    """Once for each kind, whatever the channel rests for; what is done with is crossed out."""
    slack = MemoryMailbox()
    outbox = MemoryOutbox({LEAD.key: LeadRecord(LEAD, sent={"slack:done": 5})})
    found = retry(backlog, outbox, queues(slack))

    assert (1, 2) == found
    assert [LEAD.id] == [decode(body).lead_id for body in slack.bodies()]
    assert {} == backlog.rests
    assert {"slack:sales", "slack", "webhook"} == {channel for channel, _ in backlog.every()}


def test_what_waits_and_is_no_lead_keeps_no_other_waiting(backlog: MemoryBacklog) -> None:
    """It is left as it is: a newer deployment may have written it."""

    class Damaged(MemoryOutbox):
        def lead(self, key: LeadKey) -> LeadRecord | None:
            if key.subject == "a:gone":
                raise Poison("no lead")
            return super().lead(key)

    slack = MemoryMailbox()
    outbox = Damaged({LEAD.key: LeadRecord(LEAD, sent={"slack:done": 5})})

    assert (1, 1) == retry(backlog, outbox, queues(slack))
    assert {"a:gone", LEAD.key.subject} == {one.key.subject for _, one in backlog.every()}


def test_a_look_at_what_waits_changes_nothing(backlog: MemoryBacklog) -> None:
    """Neither the list nor a channel's rest."""
    slack = MemoryMailbox()
    before = (dict(backlog.rests), backlog.every())
    found = retry(backlog, MemoryOutbox({LEAD.key: LeadRecord(LEAD)}), queues(slack), dry=True)

    assert (1, 1) == found
    assert before == (backlog.rests, backlog.every())
    assert [] == slack.bodies()


def test_fault_044_a_redrive_of_what_was_counted_counts_nothing() -> None:
    """Twice, even: every message is done with, and the table is not written."""
    store, dead, source = MemoryStore(), box(encode([event("one"), event("two")])), MemoryMailbox()
    processor = Processor(
        store,
        Counter(store, plan_of(), 45, lambda _: None),
        MemoryArchive(),
        MemoryQuarantine(),
        horizon=7 * DAY,
        pause=lambda _: None,
    )
    (body,) = dead.bodies()
    processor.process([("m", body)], "b", NOW, lambda: 60.0)
    writes, leads = store.writes, dict(store.leads)
    for _ in range(2):
        redrive(dead, source, of_events, NOW)
        dead.put(body)
    outcome = processor.process(
        [(str(i), one) for i, one in enumerate(source.bodies())], "c", NOW, lambda: 60.0
    )

    assert ([], 0, 4) == (outcome.failed, outcome.counts["EventsCounted"], outcome.counts["EventsRepeated"])
    assert (writes, leads) == (store.writes, store.leads)


def test_what_is_handed_out_again_and_again_is_no_end() -> None:
    """A queue on many machines may show the same letters for a while before it shows others."""

    class Stubborn(MemoryMailbox):
        received = 0

        def receive(self) -> Sequence[Letter]:
            self.received += 1
            return [*self.held.values()][:10] if self.received % 8 else super().receive()

    dead, source = Stubborn(), MemoryMailbox()
    dead.put(*["{broken"] * 10, *(encode([event(i)]) for i in range(15)))

    assert 15 == redrive(dead, source, of_events, NOW).moved


def test_what_comes_out_of_hiding_is_no_end() -> None:
    """Letters that stayed are handed out again after two minutes; those behind them still go back."""

    class Forgetful(MemoryMailbox):
        def receive(self) -> Sequence[Letter]:
            self.hidden -= {own for own, letter in self.held.items() if letter.body == "{broken"}
            return super().receive()

    dead, source = Forgetful(), MemoryMailbox()
    dead.put(*["{broken"] * 9, *(encode([event(i)]) for i in range(5)))
    found = redrive(dead, source, of_events, NOW)

    assert (5, 9) == (found.moved, len(found.refused))
    assert ["{broken"] * 9 == dead.bodies()
