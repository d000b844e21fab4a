"""Processing: whatever call goes wrong, and however events are cut and copied, each counts once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import chances, examples
from fakes.crashing_store import WAYS, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.histories import histories
from fakes.processing import World
from pql.adapters.memory_store import MemoryStore
from pql.core.event import Event
from pql.core.lead import LeadRecord

NAMED = [
    [group("g", at=0), event(1, account=None)],
    [event(2), event(3, account="globex")],
    [event(4, at=HOUR), event(5, account=None, at=2 * HOUR), event(6, at=DAY, user="bob")],
]
X = event("x", account=None, user=None, anonymous="x")
FOLDED = [
    [X, event(1, account=None), event(2, account=None)],
    [event(3, account=None, user="bob")],
    [identify("i", anonymous="x", at=HOUR), event(4, account=None, at=HOUR)],
    [group("g", at=2 * HOUR), X, event(1, account=None), event(3, account=None, user="bob")],
    [event(2, account=None), event(5, at=DAY)],
]
MOVED = [
    [group("g", "old", at=0), event(1, account=None), identify("i", anonymous="x")],
    [group("h", "acme", at=HOUR), event(1, account=None), X],
    [event(2, account=None, at=DAY), identify("j", user="bob", anonymous="x", at=2 * HOUR)],
    [X, event(1, account=None), event(3, account=None, user="bob"), event(4), event(5)],
]
BOUGHT = [
    [event(i, account=None, at=i * HOUR) for i in range(3)],
    [group("g", at=3 * HOUR), event(3, at=3 * HOUR), event("o", "Order Completed", at=4 * HOUR)],
    [event("p", "order_completed", at=5 * HOUR), event(4, at=5 * HOUR)],
]
ORDER = (START + 4 * HOUR, event("o").id)
# What a story comes to: each of its lists is a batch of its own.
STORIES = {
    "named": (NAMED, {"a:acme": 5, "a:globex": 1}, {("a:acme", "busy", 1): None}),
    "folded": (FOLDED, {"a:acme": 5, "u:bob": 1}, {("u:ada", "busy", 1): None}),
    "moved": (MOVED, {"a:old": 1, "a:acme": 4, "u:bob": 1}, {("a:acme", "busy", 1): None}),
    "bought": (BOUGHT, {"a:acme": 5}, {("u:ada", "busy", 1): ORDER}),
}


def outcome_of(memory: MemoryStore) -> tuple[dict[str, object], dict[tuple[str, str, int], object]]:
    """Return the counters that are not nothing, and the leads with when and by what they converted."""
    world = World(store=memory)
    counters = {subject: world.reports(subject) for subject in memory.accounts}
    leads = {tuple(key): _conversion(record) for key, record in memory.leads.items()}
    return {subject: held for subject, held in counters.items() if held}, leads


def _conversion(record: LeadRecord) -> object:
    held = record.standing
    return (held.converted_at, held.conversion_event) if held.state == "converted" else None


def tell(store: CrashingStore, story: list[list[Event]], *, doubled: bool) -> None:
    """Process a story batch by batch; what fails comes again at once, and nothing goes wrong then."""
    for batch in story:
        messages = [[one] for one in batch] * (2 if doubled else 1)
        try:
            failed = World(store=store).run(*messages).failed
        except Killed:
            failed = [str(i) for i in range(len(messages))]
        World(store=store.store).run(*(messages[int(i)] for i in failed))


@pytest.mark.parametrize("doubled", [False, True], ids=["once", "every message twice"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", STORIES)
def test_fault_049_050_055_whatever_call_goes_wrong_every_event_counts_once(
    name: str,
    way: Way,
    doubled: bool,  # noqa: FBT001 - a parameter
) -> None:
    """For every call of the story: it goes wrong, what failed comes again, and the end is the same.

    With and without redundant copies: copies heal a lost event and would hide the bug.
    """
    story, *expected = STORIES[name]
    quiet = CrashingStore(MemoryStore(), -1, way)
    tell(quiet, story, doubled=doubled)
    ends = []
    for at in range(quiet.calls + 1):
        store = CrashingStore(MemoryStore(), at, way)
        tell(store, story, doubled=doubled)
        ends.append(outcome_of(store.store))

    assert [tuple(expected)] * len(ends) == ends


@given(histories(most=30), chances(), st.integers(1, 7))
@settings(max_examples=examples(40))
def test_cuts_and_copies_change_nothing(history: list[Event], rnd: Any, size: int) -> None:
    """Any cut into batches and any repetition give the bytes and the leads of the plain stream."""
    plain, cut = MemoryStore(), MemoryStore()
    for one in history:
        World(store=plain).run([one])
    for start in range(0, len(history), size):
        part = history[start : start + size]
        World(store=cut).run(part, rnd.sample(part, len(part) // 2))
        World(store=cut).run(rnd.sample(history[: start + size], min(3, start)))

    assert _states(plain) == _states(cut)
    assert set(plain.leads) == set(cut.leads)


def _states(memory: MemoryStore) -> dict[str, bytes]:
    return {subject: row.state for subject, row in memory.accounts.items()}
