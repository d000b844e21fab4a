"""Replaying: what was counted counts nothing again, and the archive rebuilds an empty table to the byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import DAY, HOUR, START, event, group
from fakes.histories import histories, packs
from fakes.memory_mailbox import MemoryMailbox
from fakes.plans import MIXED, plan_of
from fakes.replaying import NOW, Days, counted, processor, replay
from pql.adapters.memory_archive import MemoryArchive
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.errors import PqlError
from pql.core.event import Event
from pql.flows.dwell import DWELL
from pql.flows.outcome import Outcome
from pql.flows.replay import TOGETHER, Replayed
from pql.flows.wake import Waker


@settings(max_examples=examples(40))
@given(histories(), st.integers(1, 7), packs() | st.just(MIXED))
def test_the_archive_makes_an_empty_table_the_same(events: list[Event], size: int, text: str) -> None:
    """The same aggregates byte for byte, and the same leads: those too that time alone has made."""
    plan = plan_of(text)
    live, archive, built = MemoryStore(), MemoryArchive(), MemoryStore()
    for start in range(0, len(events), size):
        batch = events[start : start + size]
        now = batch[-1].received
        processor(live, plan, archive).process([("m", encode(batch))], f"b{start}", now, lambda: 60.0)
        if start % 3 == 0:
            Waker(live, plan).run(max(one.received for one in events[: start + size]), lambda: 60_000)
    Waker(live, plan).run(NOW, lambda: 60_000)

    found = replay(built, plan).archive(Days(archive), "", "", rebuild=True)
    replay(built, plan).wake(Waker(built, plan), found)

    assert counted(live) == counted(built)
    assert {k: one.lead for k, one in live.leads.items()} == {k: one.lead for k, one in built.leads.items()}


def test_repeats_count_nothing() -> None:
    """The table that was counted into before is not written at all."""
    store, archive = MemoryStore(), MemoryArchive()
    processor(store, archive=archive).process(
        [("m", encode([event(i, at=i * HOUR) for i in range(9)]))], "b", START, lambda: 60.0
    )
    writes = store.writes
    found = replay(store).archive(Days(archive), "", "")

    assert (9, 0, 9) == (
        found.events,
        found.outcome.counts["EventsCounted"],
        found.outcome.counts["EventsRepeated"],
    )
    assert writes == store.writes


def test_what_is_too_old_is_refused_unless_the_table_is_empty() -> None:
    """After 28 days the ids may be gone; a rebuild counts every event that was counted."""
    archive = MemoryArchive()
    edge = NOW - START - DWELL
    events = [event("old", at=edge - 1), event("young", at=edge)]
    archive.append([("a:acme", one) for one in events], "b")
    refused = replay(MemoryStore()).archive(Days(archive), "", "")
    rebuilt = replay(MemoryStore()).archive(Days(archive), "", "", rebuild=True)

    assert (1, 1) == (refused.outcome.counts["EventsCounted"], sum(refused.days.values()))
    assert (2, {}) == (rebuilt.outcome.counts["EventsCounted"], rebuilt.days)


def test_many_deliveries_are_counted_together() -> None:
    """An archive of small deliveries costs no write for each of them."""
    archive, store = MemoryArchive(), MemoryStore()
    for index in range(50):
        archive.append([("a:acme", event(index, at=index))], f"b{index}")
    found = replay(store).archive(Days(archive), "", "")

    assert 50 < TOGETHER
    assert (50, 2) == (found.outcome.counts["EventsCounted"], store.writes)


def test_the_quarantine_is_emptied_of_what_can_be_read() -> None:
    """It is counted and archived as on its first way; what nobody reads, or is too old, stays."""
    mailbox, archive, store = MemoryMailbox(), MemoryArchive(), MemoryStore()
    old = event("old", at=NOW - START - DWELL - 1)
    readable = [group("joins", at=19 * DAY), event("new", at=19 * DAY)]
    mailbox.put(encode(readable), "{broken", encode([old]), encode(readable))
    found = replay(store, archive=archive).quarantine(mailbox)

    assert ["{broken", encode([old])] == mailbox.bodies()
    assert (2, 2, 2) == (mailbox.depth().waiting, found.letters, found.outcome.counts["EventsCounted"])
    assert ["poison", "more than 28 days"] == [
        "poison" if "no envelope" in one.why else one.why[9:26] for one in found.refused
    ]
    assert {one.id for one in readable} == {one.id for held in archive.batches.values() for _, one in held}


def test_a_rule_that_is_put_into_shadow_meanwhile_is_in_shadow_from_then_on() -> None:
    """It is looked up before each batch, and before each account that time wakes."""
    text = """
    signals: {reports: {count: Report Created}, idle: {days_since: Report Created}}
    rules:
      busy: {when: {signal: reports, at_least: 1}, title: t, reason: r}
      idle: {when: {signal: idle, at_least: 1}, title: t, reason: r}
    """
    plan, store, mailbox = plan_of(text), MemoryStore(), MemoryMailbox()
    looks = iter([frozenset(), {"busy"}, {"busy"}, *[{"idle"}] * 9])
    again = replace(replay(store, plan), refresh=lambda: plan.shadow(frozenset(next(looks))))
    for account in "ab":
        mailbox.put(encode([event(account, account=account, at=18 * DAY)]))
    found = again.quarantine(mailbox)
    again.wake(Waker(store, plan), found)

    assert {
        ("a:a", "busy"): "live",
        ("a:b", "busy"): "shadow",
        ("a:a", "idle"): "shadow",
        ("a:b", "idle"): "shadow",
    } == {key[:2]: record.lead.status for key, record in store.leads.items()}


def test_everybody_is_woken_however_few_a_run_takes() -> None:
    """Nobody comes after the command to do the rest."""

    class OneByOne(Waker):
        def run(self, now: int, remaining: Callable[[], int], limit: int = 1) -> Outcome:
            return super().run(now, remaining, limit)

    plan = plan_of(
        "signals: {idle: {days_since: any}}\n"
        "rules: {idle: {when: {signal: idle, at_least: 1}, title: t, reason: r}}"
    )
    store = MemoryStore()
    told = [event(account, account=account) for account in "abc"]
    processor(store, plan).process([("m", encode(told))], "b", START, lambda: 60.0)
    replay(store, plan).wake(OneByOne(store, plan), Replayed())

    assert {"a:a", "a:b", "a:c"} == {key.subject for key in store.leads}


def test_what_cannot_be_counted_is_told_and_stays() -> None:
    """A row that a newer deployment wrote: nothing is deleted, and the fault names the account."""

    class Newer(MemoryStore):
        def rows(self, subjects: Any) -> Any:
            found = super().rows(subjects)
            return {key: type(row)(key, row.version, newer=True) for key, row in found.items()}

    store, mailbox = Newer(), MemoryMailbox()
    processor(store).process([("m", encode([event("one")]))], "b", START, lambda: 60.0)
    mailbox.put(encode([event("two", at=19 * DAY)]))

    with pytest.raises(PqlError, match="a:acme"):
        replay(store).quarantine(mailbox)
    assert 1 == len(mailbox.bodies())


@settings(max_examples=examples(28))
@given(histories(), st.integers(0, 40))
def test_fault_066_a_table_restored_to_an_earlier_moment_catches_up(events: list[Event], kept: int) -> None:
    """What was lost counts again and nothing else does, and the leads that were lost have the same ids."""
    live, archive, restored = MemoryStore(), MemoryArchive(), MemoryStore()
    for index, one in enumerate(events):
        for store in (live, restored)[: 1 + (index < kept)]:
            processor(store, archive=archive).process(
                [("m", encode([one]))], f"b{index}", one.received, lambda: 60.0
            )
    before = len(restored.leads)
    found = replay(restored).archive(Days(archive), "", "")

    assert counted(live) == counted(restored)
    assert {k: one.lead for k, one in live.leads.items()} == {
        k: one.lead for k, one in restored.leads.items()
    }
    assert found.outcome.counts["LeadsCreated"] == len(live.leads) - before
