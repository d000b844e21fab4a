"""Backfilling: a signal that is new has the past that it would have had, whoever writes meanwhile."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.crashing_store import WAYS, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.histories import BOUNDS, SIGNALS, histories
from fakes.interrupted_store import InterruptedStore
from fakes.memory_accounts import MemoryAccounts
from fakes.memory_seen import MemorySeen
from fakes.people import followed, pack_of
from fakes.plans import plan_of
from fakes.town import NOW, Objects, Town
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Row
from pql.core.dedup import KEEP_DAYS
from pql.core.errors import NewerVersion, Unavailable, Unwritable
from pql.core.event import Event
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.engine.step import slide
from pql.flows.backfill import Backfill
from pql.flows.learn import Learner
from pql.flows.past import Backfilled, Settings
from pql.flows.wake import Waker

OLD = """
signals:
  reports: {count: Report Created, within: 7d}
rules:
  busy: {when: {signal: reports, at_least: 3}, cooldown: 1d, title: t, reason: r}
"""
NEW = """
signals:
  reports: {count: Report Created, within: 7d}
  orders: {count: Order Completed}
  people: {distinct: users, of: any, within: 30d}
rules:
  busy: {when: {signal: reports, at_least: 3}, cooldown: 1d, title: t, reason: r}
  buyer:
    when: {all: [{signal: orders, at_least: 2}, {signal: people, at_least: 1}, {trait: seats, at_least: 5}]}
    title: t
    reason: r
"""
PEOPLE = """
subject: user
signals:
  reports: {count: Report Created}
rules:
  maker: {when: {signal: reports, at_least: 2}, title: t, reason: r}
"""


def backfill(
    town: Town,
    plan: Plan,
    *,
    store: Any = None,
    signals: Sequence[str] = (),
    compacting: Collection[int] = (),
    **more: Any,
) -> Backfilled:
    """Backfill what the tests' new rules look at."""
    rules = frozenset({"buyer", "maker", "fresh"})
    chosen = Settings(rules, frozenset(signals), NOW, 7, lambda _: False, **more)
    store = store or town.store
    objects = Objects(town.archive, compacting)
    accounts, seen = MemoryAccounts(town.store), MemorySeen(town.store)
    return Backfill(store, accounts, seen, objects, plan, chosen).run()


def held(store: MemoryStore, plan: Plan) -> dict[str, Any]:
    """Return what every row remembers, but for how it stands with rules, at one moment."""
    found = {}
    for subject, row in store.accounts.items():
        if not row.state:
            continue
        own = plan.of(subject)
        account = unpack(own, subject, row.state)
        later = NOW + DAY
        account.dues, account.due = [0] * len(account.dues), 0
        slide(own, account, later)
        account.clock = later
        signals = {
            slot.fingerprint: (one.packed(later, slot.signal.window), one.at, one.event)
            for slot, one in zip(own.signals, account.aggregates, strict=True)
            if one is not None
        }
        found[subject] = signals, account.traits, followed(account), account.crowded
    return found


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

    Whenever the archive is compacted meanwhile.
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
    told = {key for key in grown.store.leads if key.rule == "fresh"}
    found = backfill(grown, new, signals=["s0", "s1", "s2"], compacting=compacting)
    assert {} == found.left
    assert held(always.store, new) == held(grown.store, new)
    assert told == {key for key in grown.store.leads if key.rule == "fresh"}


def story() -> list[Event]:
    """Return a history in which users and devices get accounts, change them, and are told of late."""
    return [
        event(1, "Order Completed", account=None, user=None, anonymous="dev", at=0),
        event(2, "Order Completed", account=None, user="ada", at=HOUR),
        group(3, user="bob", account="acme", at=2 * HOUR, seats=9),
        event(4, "Report Created", account=None, user="bob", at=3 * HOUR),
        identify(5, user="ada", anonymous="dev", at=4 * HOUR),
        event(6, "Order Completed", account=None, user=None, anonymous="dev", at=5 * HOUR),
        group(7, user="ada", account="acme", at=6 * HOUR),
        event(8, "Order Completed", account=None, user="bob", at=7 * HOUR),
        group(9, user="bob", account="globex", at=8 * HOUR, seats=3),
        event(10, "Order Completed", account=None, user="bob", at=9 * HOUR),
        event(11, "Order Completed", account="acme", user="ada", at=2 * HOUR, received=12 * DAY),
        event(12, "Report Created", account=None, user="ada", at=10 * HOUR),
        event(13, "Report Created", account=None, user=None, anonymous="tab", at=11 * HOUR),
    ]


@functools.cache
def packed_plan(*texts: str) -> Plan:
    """Return the plan of several files."""
    return Plan(pack_of(*texts))


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


def grown_town(cut: int = 10) -> Town:
    """Return a town that has had the new rules since the event of this number."""
    town = Town()
    for place, one in enumerate(story()):
        town.count(PLAIN if place < cut else GROWN, [one])
    return town


def always_town(*more: Event) -> MemoryStore:
    """Return the table of a town that has had them from the start."""
    town = Town()
    for one in (*story(), *more):
        town.count(GROWN, [one])
    return town.store


PLAIN, GROWN = packed_plan(OLD, PEOPLE), packed_plan(NEW, PEOPLE.replace("Report Created", "any"))


@pytest.mark.parametrize("way", WAYS)
def test_it_may_be_stopped_at_any_call_and_typed_again(way: Way) -> None:
    """And whatever was written until then, the second run leaves what one whole run would have left."""
    expected = held(always_town(), GROWN)
    for at in itertools.count():
        town = grown_town()
        crashing = CrashingStore(town.store, at, way)
        with contextlib.suppress(Killed, Unavailable):
            backfill(town, GROWN, store=crashing)
        backfill(town, GROWN)
        assert expected == held(town.store, GROWN), at
        if crashing.calls <= at:
            return


def assert_same_whenever_told(
    expected: object, before: Sequence[Event], more: Sequence[Event], *, gap: int
) -> None:
    """Assert what is held where `more` is counted meanwhile, one each `gap` calls, from any call on."""
    for at in itertools.count():
        town = grown_town()
        town.count(PLAIN, before)
        jobs = {at + gap * i: functools.partial(town.count, GROWN, [one]) for i, one in enumerate(more)}
        interrupted = InterruptedStore(town.store, jobs)
        found = backfill(town, GROWN, store=interrupted)
        was_called = interrupted.calls > at
        interrupted.rest()
        assert {} == found.left
        assert expected == held(town.store, GROWN), at
        if not was_called:
            return


@pytest.mark.parametrize("together", [1, 5_000])
def test_live_writers_may_go_on(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """Whatever comes before whichever of its calls is counted once, and only once."""
    monkeypatch.setattr("pql.flows.backfill.TOGETHER", together)
    more = [
        event(20, "Order Completed", account=None, user="bob", at=12 * HOUR),
        identify(21, user="cyd", anonymous="tab", account="acme", at=13 * HOUR, name="C"),
        event(22, "Order Completed", account=None, user="ada", at=14 * HOUR),
        group(23, user="dan", account="initech", at=15 * HOUR),
        group(24, user="cyd", account="acme", at=16 * HOUR, seats=12),
    ]
    expected = held(always_town(*more), GROWN)
    assert_same_whenever_told(expected, [], more, gap=2)


@pytest.mark.parametrize("gap", [1, 6])
@pytest.mark.parametrize("account", ["newco", "acme"])
def test_who_comes_into_an_account_meanwhile_brings_the_past(account: str, gap: int) -> None:
    """One that is new and stood in no list of rows, or one whose row is written by then."""
    own = [event(key, "Order Completed", account=None, user="eve", at=key * HOUR) for key in (41, 42)]
    more = [
        event(43, "Report Created", account=None, user="eve", at=43 * HOUR),
        group(44, user="eve", account=account, at=44 * HOUR, seats=9),
    ]
    expected = held(always_town(*own, *more), GROWN)
    assert_same_whenever_told(expected, own, more, gap=gap)


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
    """Who has an account twice: for where it is, and for the ids. Who has none as well, if nobody writes."""
    monkeypatch.setattr("pql.flows.backfill.TOGETHER", 2)
    town = Town()
    for key in range(20):
        town.count(PLAIN, [event(key, account=None, user=f"u{key}", at=key * HOUR)])
        town.count(PLAIN, [event(20 + key, account=f"a{key}", user=f"b{key}", at=key * HOUR)])
    town.count(PLAIN, [group(50 + key, user=f"u{key}", account="acme", at=20 * HOUR) for key in range(10)])
    store = Reads(town.store)
    backfill(town, GROWN, store=store)

    assert 20 == sum(one.startswith("u:") for one in store.read)
    assert 3 == max(count for one, count in store.read.items() if one.startswith("u:"))


def test_a_tombstone_that_a_newer_deployment_wrote_ends_it() -> None:
    """Where its past belongs nobody can tell."""
    town = grown_town()
    before = {**town.store.accounts}
    assert "a:acme" == before["u:ada"].moved
    town.store.accounts["u:ada"] = Row("u:ada", newer=True)

    with pytest.raises(NewerVersion):
        backfill(town, GROWN)
    assert before["a:acme"] == town.store.accounts["a:acme"]


def test_a_row_that_cannot_be_read_or_written_holds_up_no_other() -> None:
    """It is left and named: damaged, or too large for the table."""

    class Refusing(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if change.row.subject == "a:globex":
                raise Unwritable("too large")
            super().commit(change, leads)

    town, refusing = grown_town(), Refusing()
    vars(refusing).update(vars(town.store))
    accounts = town.store.accounts
    accounts["p:bob"] = msgspec.structs.replace(accounts["p:bob"], state=b"damaged")
    left = backfill(town, GROWN, store=refusing).left
    del accounts["p:bob"]

    assert ["a:globex", "p:bob"] == sorted(left)
    whole, mended = held(always_town(), GROWN), held(town.store, GROWN)
    assert {key: whole[key] for key in whole.keys() - left} == {
        key: mended[key] for key in mended.keys() - left
    }


@pytest.mark.parametrize("call", range(14))
def test_old_days_that_are_compacted_meanwhile_count_once(call: int) -> None:
    """Before whichever listing or object, though an event of a year ago is no copy anybody waits for."""
    town, always = Town(), Town()
    for key in range(6):
        one = event(key, "Order Completed", at=key * 100 * DAY)
        town.count(PLAIN if key < 4 else GROWN, [one])
        always.count(GROWN, [one])
    # Counted, and not archived yet: the archive is listed and waited for until the end.
    town.count(GROWN, [event(9, at=501 * DAY)], archive=Lost())
    always.count(GROWN, [event(9, at=501 * DAY)], archive=Lost())
    interrupted = InterruptedStore(
        town.store, {1: functools.partial(town.count, GROWN, [event(9, at=501 * DAY)])}
    )
    found = backfill(town, GROWN, store=interrupted, compacting={call})

    assert {} == found.left
    assert held(always.store, GROWN) == held(town.store, GROWN)


class Lost:
    """An archive that is down."""

    def append(self, lines: Sequence[tuple[str, Event]], batch: str) -> None:
        """Fail."""
        raise Unavailable("S3")


def test_somebody_who_moves_meanwhile_takes_the_past_along() -> None:
    """Also while the call that moved them is not counted yet, and nothing in the row's ids tells of it."""
    call = identify(21, user="cyd", anonymous="tab", account="acme", at=13 * HOUR)
    expected = held(always_town(call), GROWN)
    for at in itertools.count():
        town = grown_town()

        def learn(town: Town = town) -> None:
            Learner(town.store, GROWN, lambda _: None).learn([call], [call])

        interrupted = InterruptedStore(town.store, {at: learn})
        backfill(town, GROWN, store=interrupted)
        was_called = interrupted.calls > at
        interrupted.rest()
        town.count(GROWN, [call])
        assert expected == held(town.store, GROWN), at
        if not was_called:
            return


def test_what_is_counted_and_not_archived_yet_is_waited_for() -> None:
    """Such a row is left as it is and named; once the message has come again, the next run has it."""
    town = grown_town()
    late = event(30, "Order Completed", account="acme", user="ada", at=17 * HOUR)
    town.count(GROWN, [late], archive=Lost())
    before = town.store.accounts["a:acme"]
    found = backfill(town, GROWN)

    assert ["a:acme", "p:ada"] == sorted(found.left)
    assert before == town.store.accounts["a:acme"]
    town.count(GROWN, [late])
    assert {} == backfill(town, GROWN).left
    assert held(always_town(late), GROWN) == held(town.store, GROWN)


def test_what_a_user_did_and_was_not_archived_is_waited_for_in_the_account_too() -> None:
    """Though the archive holds nothing at all of the user by then."""
    call = group(31, user="eve", account="acme", at=18 * HOUR)
    lost = event(30, "Order Completed", account=None, user="eve", at=17 * HOUR)
    town = grown_town()
    town.count(GROWN, [lost], archive=Lost())
    town.count(GROWN, [call])
    before = town.store.accounts["a:acme"]

    assert "1 events are counted and not in the archive" == backfill(town, GROWN).left["a:acme"]
    assert before == town.store.accounts["a:acme"]
    town.count(GROWN, [lost])
    assert {} == backfill(town, GROWN).left
    assert held(always_town(lost, call), GROWN) == held(town.store, GROWN)


@pytest.mark.parametrize(("later", "left"), [(8 * DAY, ["a:acme"]), (8 * DAY + 1, [])])
def test_what_is_older_than_the_archive_is_not_waited_for(later: int, left: list[str]) -> None:
    """By more than it may have come late, and a day: old objects are deleted after some time."""
    town = Town()
    town.count(PLAIN, [event(1, "Order Completed")])
    town.archive.batches.clear()
    town.count(GROWN, [event(2, "Order Completed", at=later)])

    assert left == [key for key in backfill(town, GROWN).left if key.startswith("a:")]


def test_what_was_archived_after_somebody_moved_counts_where_it_was_counted() -> None:
    """The archive then names the place that the message found, and the ids of the rows say the truth."""
    rest = [
        group(31, user="bob", account="initech", at=18 * HOUR),
        event(32, "Order Completed", account=None, user="bob", at=19 * HOUR),
    ]
    town, always = grown_town(), Town()
    for one in story():
        always.count(GROWN, [one])
    lost = event(30, "Order Completed", account=None, user="bob", at=17 * HOUR)
    for one, archive in ((town, Lost()), (always, None)):
        one.count(GROWN, [lost], archive=archive)
        for more in rest:
            one.count(GROWN, [more])
    town.count(GROWN, [lost])

    assert "a:initech" == town.archive.batches[max(town.archive.batches)][0][0]
    assert {} == backfill(town, GROWN).left
    assert held(always.store, GROWN) == held(town.store, GROWN)


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
