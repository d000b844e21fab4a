"""Backfilling: a signal that is new has the past that it would have had, and nobody is told of it."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.backfilling import GROWN, NEW, OLD, PEOPLE, PLAIN, backfill, grown_town, held, packed_plan, story
from fakes.chances import examples
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.histories import BOUNDS, SIGNALS, histories
from fakes.plans import plan_of
from fakes.town import NOW, Town
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Row
from pql.core.dedup import KEEP_DAYS
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.flows.wake import Waker


@settings(max_examples=examples(34))
@given(
    histories(),
    st.lists(SIGNALS, min_size=1, max_size=3),
    st.lists(BOUNDS, min_size=1, max_size=3),
    st.integers(0, 40),
    st.integers(1, 7),
    st.sets(st.integers(0, 20), max_size=2),
)
def test_a_backfilled_row_is_what_it_would_always_have_been(
    events: list[Event], texts: list[str], bounds: list[str], cut: int, size: int, compacting: set[int]
) -> None:
    """Old rules for some of the history, new ones for the rest, then a backfill: as if always there.

    Whenever the archive is compacted meanwhile. No leads are made but those of time alone.
    """
    signals = "".join(f"  s{i}: {text}\n" for i, text in enumerate(texts))
    parts = ", ".join(
        f"{{signal: s{i}, {bound}}}" for i, (_, bound) in enumerate(zip(texts, bounds, strict=False))
    )
    rule = f"  fresh: {{when: {{all: [{parts}, {{trait: plan, is: trial}}]}}, title: t, reason: r}}\n"
    new = plan_of(OLD.replace("rules:\n", f"{signals}rules:\n{rule}"))
    grown, always = Town(), Town()
    for start in range(0, len(events), size):
        batch = events[start : start + size]
        grown.count(plan_of(OLD) if start < cut else new, batch)
        always.count(new, batch)
    told, swept = {*grown.store.leads}, copy.deepcopy(grown.store)
    Waker(swept, new).run(NOW, lambda: 60_000)
    found = backfill(grown, new, signals=["s0", "s1", "s2"], compacting=compacting)
    assert {} == found.left
    assert held(always.store, new) == held(grown.store, new)
    assert told <= {*grown.store.leads} <= {*swept.leads}


@pytest.mark.parametrize("cut", range(14))
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((OLD,), (NEW,)),
        ((OLD,), (NEW, PEOPLE)),
        ((OLD, PEOPLE), (NEW, PEOPLE)),
        ((OLD, PEOPLE), (NEW, PEOPLE.replace("Report Created", "any"))),
    ],
)
def test_who_moves_takes_the_past_along(cut: int, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Devices that become users, users that get an account or leave one: all is counted where it would be."""
    grown, always = Town(), Town()
    for place, one in enumerate(story()):
        grown.count(packed_plan(*(old if place < cut else new)), [one])
        always.count(packed_plan(*new), [one])
    plan = packed_plan(*new)
    leads = {*grown.store.leads}
    assert {} == backfill(grown, plan).left
    assert held(always.store, plan) == held(grown.store, plan)
    assert leads == {*grown.store.leads}


class Reads:
    """A store that notes which rows are read."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.read: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def rows(self, subjects: Collection[str]) -> dict[str, Row]:
        """Return rows."""
        self.read.update(subjects)
        return self._store.rows(subjects)


def test_nobody_is_read_again_for_each_group_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each beside their own row once, for where that is; who has an account once more, for the ids."""
    monkeypatch.setattr("pql.flows.folds.TOGETHER", 2)
    town = Town()
    for key in range(20):
        town.count(PLAIN, [event(key, account=None, user=f"u{key}", at=key * HOUR)])
        town.count(PLAIN, [event(20 + key, account=f"a{key}", user=f"b{key}", at=key * HOUR)])
    town.count(PLAIN, [group(50 + key, user=f"u{key}", account="acme", at=20 * HOUR) for key in range(10)])
    store = Reads(town.store)
    backfill(town, GROWN, store=store)

    assert {f"u:u{key}": 3 if key < 10 else 2 for key in range(20)} == {
        one: count for one, count in store.read.items() if one.startswith("u:")
    }


def test_a_device_that_all_people_share_costs_two_reads_for_each() -> None:
    """Some clients send one anonymous id for everybody: what others have counted is read once for all."""
    town = Town()
    for key in range(12):
        own = event(key, "Order Completed", account=None, user=f"u{key}", at=key * HOUR)
        town.count(PLAIN, [identify(("in", key), user=f"u{key}", anonymous="0", at=key * HOUR), own])
    store = Reads(town.store)
    backfill(town, GROWN, store=store)

    assert {f"p:u{key}": 2 for key in range(12)} == {
        one: count for one, count in store.read.items() if one.startswith("p:")
    }


def test_ids_of_what_a_person_counts_from_now_on_are_kept_as_long_as_others() -> None:
    """In seconds of the epoch, from now on: a copy may still come."""
    ends = set()

    class Filing(MemoryStore):
        def spill(self, subject: str, buckets: Any, until: int) -> None:
            ends.add((subject[:2], until))
            super().spill(subject, buckets, until)

    town = Town()
    town.store = Filing()
    town.count(PLAIN, [event(1, "Order Completed", at=15 * DAY)])
    backfill(town, GROWN)

    assert {("p:", (NOW + KEEP_DAYS * DAY) // 1_000)} == ends


WINDOWED = PEOPLE.replace("rules:", "  orders: {count: Order Completed, within: 3d}\nrules:") + (
    "  fresh: {when: {signal: orders, at_least: 2}, title: t, reason: r}\n"
)


def test_what_has_left_every_window_is_something_that_a_person_did_all_the_same() -> None:
    """So old that the table has no ids of it, and of the new signals nothing is held: who did it is."""
    old, new = packed_plan(PEOPLE), packed_plan(WINDOWED)
    before, after = (event(key, "Order Completed", at=at * DAY) for key, at in ((1, -30), (2, -20)))
    town, always = Town(), Town()
    town.count(old, [before])
    town.count(new, [after])
    always.count(new, [before, after])
    backfill(town, new)

    assert held(always.store, new) == held(town.store, new)
    assert 0 == backfill(town, new).written


def test_a_second_run_writes_nothing() -> None:
    """What stands already is left alone."""
    town = grown_town()
    first = backfill(town, GROWN)
    writes = town.store.writes
    second = backfill(town, GROWN)

    assert first.written
    assert (writes, 0, first.written + first.same) == (town.store.writes, second.written, second.same)


def test_a_dry_run_writes_nothing_and_says_what_it_would() -> None:
    """The same numbers."""
    town = grown_town()
    writes = town.store.writes
    looked = backfill(town, GROWN, write=False)

    assert writes == town.store.writes
    assert looked == backfill(town, GROWN)


def test_nobody_is_told_of_what_is_past_by_the_next_event_either() -> None:
    """A rule that holds by its past stands behind its baseline: the next event is no news."""
    town = Town()
    for key in range(3):
        town.count(PLAIN, [event(key, "Order Completed", at=key * HOUR)])
    town.count(GROWN, [group(8, seats=9, at=4 * HOUR)])
    found = backfill(town, GROWN)
    town.count(GROWN, [event(9, "Order Completed", at=19 * DAY)])

    assert {"buyer": 1} == {name: n for name, n in found.silent.items() if name == "buyer"}
    assert LeadKey("a:acme", "buyer", 1) not in town.store.leads


SLEEPERS = """
signals:
  orders: {count: Order Completed}
  last: {days_since: Order Completed}
rules:
  fresh: {when: {all: [{signal: orders, at_least: 2}, {signal: last, at_least: 30}]}, title: t, reason: r}
"""


def test_time_makes_a_lead_at_its_moment_of_what_was_backfilled() -> None:
    """An account that sleeps since before the rule was there is woken when the rule comes to hold."""
    town = Town()
    for key in range(3):
        town.count(plan_of(OLD), [event(key, "Order Completed", at=key * HOUR)])
    plan = plan_of(SLEEPERS)
    backfill(town, plan)
    wake = town.store.accounts["a:acme"].wake
    Waker(town.store, plan).run(START + 40 * DAY, lambda: 60_000)

    assert wake is not None
    assert NOW < wake * 1_000 <= START + 31 * DAY
    assert [LeadKey("a:acme", "fresh", 1)] == [*town.store.leads]


def test_leads_that_time_had_made_are_in_shadow_if_somebody_has_said_so_meanwhile() -> None:
    """Which rules are in shadow is looked up before each write."""
    quiet = SLEEPERS.replace("fresh:", "quiet:").replace("at_least: 2", "at_least: 1").replace("30", "1")
    town = Town()
    for account in ("a", "b"):
        town.count(packed_plan(quiet), [event(account, "Order Completed", account=account)])
    plan = packed_plan(quiet, NEW)
    looks = iter((frozenset[str](), frozenset({"quiet"})))
    found = backfill(town, plan, refresh=lambda: plan.shadow(next(looks)))

    assert 2 == found.leads
    assert ["live", "shadow"] == [town.store.leads[key].lead.status for key in sorted(town.store.leads)]
