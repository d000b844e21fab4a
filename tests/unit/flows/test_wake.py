"""Waking: what only time makes true becomes a lead once, whoever looks first and whatever goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.crashing_store import WAYS, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event
from fakes.histories import histories, packs
from fakes.interrupted_store import InterruptedStore
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Row
from pql.core.envelope import encode
from pql.core.errors import Unavailable, Unwritable
from pql.core.event import Event
from pql.core.lead import Lead
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.engine.step import wake as judged
from pql.engine.step import waking
from pql.flows.count import Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.flows.revision import LEADS_LIMIT
from pql.flows.wake import SETTLING, Waker

PLAN = plan_of(
    """
signals:
  reports: {count: Report Created, within: 2d}
  ever: {count: Report Created}
rules:
  quiet:
    when: {all: [{signal: ever, at_least: 1}, {signal: reports, less_than: 1}]}
    cooldown: 1d
    title: "{account} went quiet"
    reason: "{reports} of {ever}"
"""
)
# A report of the first day has left the window of two days.
QUIET = START + 2 * DAY
ACME = "a:acme"


def count(store: Any, *events: Event, plan: Plan = PLAN) -> Outcome:
    """Process events as one message."""
    counter = Counter(store, plan, 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=30 * DAY, pause=lambda _: None
    )
    return processor.process([("m", encode(list(events)))], "batch", START, lambda: 60.0)


def plenty() -> int:
    """Return a whole run's time."""
    return 60_000


def wake(store: Any, moment: int, plan: Plan = PLAN, **more: Any) -> Outcome:
    """Wake who is due at `moment`, as the first run after it has settled does."""
    return Waker(store, plan).run(moment + SETTLING, plenty, **more)


def stored_leads(store: MemoryStore) -> list[Lead]:
    """Return the leads by key."""
    return [record.lead for _, record in sorted(store.leads.items())]


def wakes(store: MemoryStore) -> dict[str, int | None]:
    """Return when whom to wake."""
    return {subject: row.wake for subject, row in store.accounts.items()}


def test_silence_makes_a_lead_at_the_moment_it_is_long_enough() -> None:
    """No event comes: the lead is of that moment, however late it is found, and of no event."""
    store = MemoryStore()
    count(store, event(1), event(2, at=HOUR))
    outcome = wake(store, QUIET + 5 * HOUR)
    (lead,) = stored_leads(store)

    assert (QUIET, None, "acme went quiet", "0 of 2") == (
        lead.created,
        lead.event_id,
        lead.title,
        lead.reason,
    )
    assert {"AccountsWoken": 1, "LeadsCreated": 1} == outcome.counts
    assert {ACME: None} == wakes(store)


def test_nobody_is_woken_before_the_moment_has_settled() -> None:
    """Events received until then are still on their way for a minute."""
    store = MemoryStore()
    count(store, event(1))
    early = Waker(store, PLAN).run(QUIET + 60_000 - 1, plenty)

    assert ({}, [], {ACME: QUIET // 1000}) == (early.counts, stored_leads(store), wakes(store))
    assert 1 == wake(store, QUIET).counts["LeadsCreated"]


def test_a_lead_that_time_made_is_made_once() -> None:
    """Whether the sweep or the next event comes first: it is the same lead, of the same moment."""
    swept, counted = MemoryStore(), MemoryStore()
    late = event(2, at=4 * DAY)
    for store in (swept, counted):
        count(store, event(1))
    wake(swept, QUIET)
    for store in (swept, counted):
        count(store, late)
        wake(store, START + 4 * DAY)

    assert 1 == len(stored_leads(swept))
    assert stored_leads(swept) == stored_leads(counted)
    assert swept.accounts[ACME].state == counted.accounts[ACME].state


def test_a_moment_at_which_nothing_happens_moves_the_wake_alone() -> None:
    """The account is left as the last event left it, at the price of one write."""
    store = MemoryStore()
    count(store, event(1), event(2, at=DAY))
    before, writes = store.accounts[ACME], store.writes
    outcome = wake(store, QUIET)

    assert ({ACME: QUIET // 1000}, {"AccountsWoken": 1, "LeadsCreated": 0}) == (
        {ACME: before.wake},
        outcome.counts,
    )
    assert msgspec.structs.replace(before, version=2, wake=(QUIET + DAY) // 1000) == store.accounts[ACME]
    assert writes + 1 == store.writes


def test_the_clock_stands_at_the_moment_judged() -> None:
    """An event received after the moment and counted after the sweep is judged when it was received."""
    store = MemoryStore()
    count(store, event(1))
    wake(store, QUIET + 10 * HOUR)

    assert QUIET == unpack(PLAN, ACME, store.accounts[ACME].state).clock


def test_events_move_the_stored_wake_to_an_earlier_second_only() -> None:
    """A later one is found by waking too early, which costs less than writing an index at every event."""
    store = MemoryStore()
    stored = []
    for one in (event(1, at=3 * DAY), event(2, at=2 * DAY, received=3 * DAY), event(3, at=4 * DAY)):
        count(store, one)
        stored.append(wakes(store)[ACME])
    kept = store.changes[ACME]

    assert [START // 1000 + days * 86_400 for days in (5, 4, 4)] == stored
    assert kept.row.wake == kept.wake


def test_who_sleeps_longest_is_woken_first_over_all_shards() -> None:
    """A bounded run takes the oldest, the next ones go on, until everybody had their turn."""
    store = MemoryStore()
    names = [f"account {i}" for i in range(40)]
    for i, name in enumerate(names):
        count(store, event(name, account=name, at=i * DAY))
    order: list[str] = []

    class Noting(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            order.extend(lead.account_id for lead in leads)
            store.commit(change, leads)

    noting = Noting(accounts=store.accounts, leads=store.leads)
    runs = [wake(noting, QUIET + 40 * DAY, limit=15).counts for _ in range(4)]

    assert names == order
    assert [15, 15, 10, 0] == [one["AccountsWoken"] for one in runs]
    assert [1, 1, 0, 0] == [one["WakesCutShort"] for one in runs]


def test_a_run_ends_before_its_function_does() -> None:
    """With little time left nothing is begun."""
    store = MemoryStore()
    for name in ("one", "two", "three"):
        count(store, event(name, account=name))
    seconds = iter([60_000, 60_000, 60_000, 4_999])
    outcome = Waker(store, PLAN).run(QUIET + SETTLING, lambda: next(seconds))

    assert (2, 2, 1) == (outcome.counts["AccountsWoken"], len(store.leads), outcome.counts["WakesCutShort"])


class Lagging(MemoryStore):
    """Its index shows everybody, long after they moved."""

    def waking(self, until: int, shard: int) -> Iterator[tuple[int, str]]:
        """Return everybody, twice, and somebody who is gone."""
        everybody = sorted(self.accounts) if shard == 0 else []
        return iter([(0, one) for one in [*everybody, *everybody, "a:gone"]])


def test_an_index_that_lags_wakes_nobody_who_is_not_due() -> None:
    """What the row says counts: of who moved, was folded into another, or is gone, nothing is written."""
    store = Lagging()
    count(store, event(1, at=DAY), event(2, account="globex"))
    store.accounts["u:ada"] = Row("u:ada", 3, moved=ACME)
    wake(store, QUIET)
    writes = store.writes
    again = wake(store, QUIET)

    assert ({}, writes, ["globex"]) == (
        again.counts,
        store.writes,
        [lead.account_id for lead in stored_leads(store)],
    )


def test_what_a_newer_deployment_wrote_is_left_to_it() -> None:
    """It is passed over, and whoever waits behind it is woken."""
    store = MemoryStore()
    for name in ("acme", "globex", "initech"):
        count(store, event(name, account=name))
    newer = msgspec.structs.replace(store.accounts["a:globex"], state=msgspec.msgpack.encode([99]))
    store.accounts["a:globex"] = newer

    class Mixed(MemoryStore):
        def rows(self, subjects: Any) -> dict[str, Row]:
            found = super().rows(subjects)
            return {one: Row(one, newer=True) if one == ACME else row for one, row in found.items()}

    outcome = wake(Mixed(accounts=store.accounts, leads=store.leads), QUIET, limit=1)

    assert {"AccountsNewer": 2, "AccountsWoken": 1, "LeadsCreated": 1} == outcome.counts
    assert (["initech"], newer) == (
        [lead.account_id for lead in stored_leads(store)],
        store.accounts["a:globex"],
    )


@pytest.mark.parametrize(
    ("error", "code"), [(Unwritable("too large"), "unwritable"), (ZeroDivisionError("a rule"), "error")]
)
def test_one_account_that_fails_holds_up_nobody_else(error: Exception, code: str) -> None:
    """It is named without a word of what is in it, and whoever waits behind it is woken."""

    class Refusing(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if leads and change.row.subject == ACME:
                raise error
            super().commit(change, leads)

    store = Refusing()
    count(store, event(1))
    count(store, event(2, account="globex", at=1))
    outcome = wake(store, QUIET)

    assert ([ACME], ["globex"]) == (outcome.failed, [lead.account_id for lead in stored_leads(store)])
    assert [(ACME, code)] == [(item, fault.code) for item, fault in outcome.faults]
    assert code == "unwritable" or re.fullmatch(
        r"ZeroDivisionError in test_wake\.py:\d+( < \w+\.py:\d+)+", str(outcome.faults[0][1])
    )


def test_an_outage_ends_the_run() -> None:
    """A table that is down is not hammered, and the error is kept for the handler to raise."""

    class Down(MemoryStore):
        tries = 0

        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if not leads:
                super().commit(change, leads)
                return
            self.tries += 1
            raise Unavailable("down")

    store = Down()
    for name in ("acme", "globex"):
        count(store, event(name, account=name))
    outcome = wake(store, QUIET)

    assert isinstance(outcome.stopped, Unavailable)
    assert 1 == store.tries


def test_who_is_written_by_somebody_else_meanwhile_is_left_for_the_next_run() -> None:
    """An event that comes in between finds the moment itself, and makes the lead."""

    class Overtaken(MemoryStore):
        overtaken = False

        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if leads and not self.overtaken:
                self.overtaken = True
                count(self, event(2, at=3 * DAY))
            super().commit(change, leads)

    store = Overtaken()
    count(store, event(1))
    outcome = wake(store, START + 3 * DAY)

    assert ({"Conflicts": 1}, [QUIET]) == (outcome.counts, [lead.created for lead in stored_leads(store)])
    assert {"AccountsWoken": 1, "LeadsCreated": 0} == wake(store, START + 3 * DAY).counts


def test_a_lead_that_stands_already_is_adopted() -> None:
    """After a partial restore it is not made again, and the account goes on from there."""
    store = MemoryStore()
    count(store, event(1))
    before = dict(store.accounts)
    wake(store, QUIET)
    whole = store.accounts[ACME]
    store.accounts.update(before)
    outcome = wake(store, QUIET)

    assert ({"AccountsWoken": 1, "LeadsCreated": 0}, 1) == (outcome.counts, len(store.leads))
    assert whole == store.accounts[ACME]


HOURLY = plan_of(
    """
signals: {ever: {count: any}}
rules: {again: {when: {signal: ever, at_least: 1}, cooldown: 1h, requalify: {after: 1h}, title: t, reason: r}}
"""
)


def test_more_leads_than_one_transaction_takes_are_made_by_several_runs() -> None:
    """Nothing is lost of what a long sleep has made true, and no transaction is too large."""

    class Limited(MemoryStore):
        largest = 0

        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            self.largest = max(self.largest, len(leads))
            super().commit(change, leads)

    swept, counted = Limited(), Limited()
    for store in (swept, counted):
        count(store, event(1), plan=HOURLY)
    for _ in range(3):
        wake(swept, START + 250 * HOUR, plan=HOURLY)
    for store in (swept, counted):
        count(store, event(2, at=250 * HOUR), plan=HOURLY)

    assert 251 == len(swept.leads)
    assert (stored_leads(swept), swept.largest) == (stored_leads(counted), LEADS_LIMIT)
    assert swept.accounts[ACME].state == counted.accounts[ACME].state


def test_a_second_that_has_only_begun_wakes_nobody() -> None:
    """What happens within a second is looked for when it is over, and not twice."""
    store = MemoryStore()
    count(store, event(1, at=500), plan=HOURLY)
    early = wake(store, START + HOUR + 700, plan=HOURLY)

    assert ({}, {ACME: START // 1000 + 3_601}) == (early.counts, wakes(store))
    assert 1 == wake(store, START + HOUR + 1_000, plan=HOURLY).counts["LeadsCreated"]


def in_order(history: list[Event]) -> list[Event]:
    """Return events as they were received."""
    return sorted(history, key=lambda one: one.received)


def never_too_late(store: MemoryStore, plan: Plan) -> bool:
    """Return whether every row is in the index at or before the next moment at which it makes a lead."""
    for subject, row in store.accounts.items():
        moment = next_lead(plan, unpack(plan, subject, row.state))
        if moment is not None and (row.wake is None or row.wake > -(-moment // 1000)):
            return False
    return True


def next_lead(plan: Plan, account: Account) -> int | None:
    """Return the next moment at which time alone makes the account a lead."""
    while (moment := waking(plan, account)) < NEVER:
        if judged(plan, account, moment):
            return account.clock
    return None


@given(packs(), histories(most=20), st.lists(st.integers(0, 16 * 24 * 4), max_size=12))
@settings(max_examples=examples(54))
def test_when_accounts_are_woken_changes_nothing(
    text: str, history: list[Event], quarters: list[int]
) -> None:
    """Any sweeps between the events leave the bytes and the leads of the events alone, word for word."""
    plan = plan_of(text)
    plain, swept = MemoryStore(), MemoryStore()
    moments = sorted(START + quarter * HOUR // 4 for quarter in quarters)
    for one in in_order(history):
        while moments and moments[0] <= one.received:
            wake(swept, moments.pop(0), plan=plan)
            assert never_too_late(swept, plan)
        for store in (plain, swept):
            count(store, one, plan=plan)
            assert never_too_late(store, plan)
    for store in (plain, swept):
        wake(store, START + 40 * DAY, plan=plan)

    assert stored_leads(plain) == stored_leads(swept)
    assert _states(plain) == _states(swept)


def _states(store: MemoryStore) -> dict[str, bytes]:
    return {subject: row.state for subject, row in store.accounts.items()}


Deed = Callable[[Any], Any]
# Counting, sweeping, an event that ends a silence of which the lead stands, another silence.
STORY: list[Deed] = [
    lambda store: count(store, event(1), event(2, at=HOUR, account="globex")).failed,
    lambda store: wake(store, START + DAY),
    lambda store: wake(store, QUIET).stopped,
    lambda store: count(store, event(3, at=3 * DAY), event(4, at=4 * DAY)).failed,
    lambda store: wake(store, START + 5 * DAY).stopped,
    lambda store: wake(store, START + 7 * DAY).stopped,
]
LEADS = {(ACME, "quiet", 1): QUIET, (ACME, "quiet", 2): START + 6 * DAY, ("a:globex", "quiet", 1): QUIET}


def end_of(store: MemoryStore) -> tuple[dict[tuple[str, str, int], int], dict[str, object], bool]:
    """Return the leads with their moments, what was counted, and whether nobody is overslept."""
    leads = {(lead.subject_key, lead.rule, lead.cycle): lead.created for lead in stored_leads(store)}
    ever = {key: unpack(PLAN, key, row.state).values[1] for key, row in store.accounts.items()}
    return leads, {key: value for key, value in ever.items() if value}, never_too_late(store, PLAN)


def tell(store: CrashingStore) -> None:
    """Do the deeds of the story, each once more at once, when nothing goes wrong."""
    for deed in STORY:
        with suppress(Killed):
            deed(store)
        deed(store.store)


@pytest.mark.parametrize("way", WAYS)
def test_whatever_call_goes_wrong_a_lead_of_time_exists_once(way: Way) -> None:
    """For every call of the story: it goes wrong, the deed is done again, and the end is the same."""
    quiet = CrashingStore(MemoryStore(), -1, way)
    tell(quiet)
    ends = []
    for at in range(quiet.calls + 1):
        store = CrashingStore(MemoryStore(), at, way)
        tell(store)
        ends.append(end_of(store.store))

    assert [(LEADS, {ACME: 3, "a:globex": 1}, True)] * len(ends) == ends


@pytest.mark.parametrize("swept_first", [True, False], ids=["sweep is overtaken", "event is overtaken"])
def test_an_event_and_a_sweep_at_the_same_time_make_one_lead(swept_first: bool) -> None:  # noqa: FBT001 - a parameter
    """At whatever call the one comes into the other: the silence is found once, and the event counts."""
    ends = []
    for at in range(20):
        memory = MemoryStore()
        count(memory, event(1))

        def sweep(store: Any) -> None:
            wake(store, START + 3 * DAY)

        def arrive(store: Any) -> None:
            while count(store, event(2, at=3 * DAY)).failed:
                pass

        outer, inner = (sweep, arrive) if swept_first else (arrive, sweep)
        store = InterruptedStore(memory, {at: lambda memory=memory, inner=inner: inner(memory)})
        outer(store)
        store.rest()
        sweep(memory)
        ends.append(end_of(memory))

    assert [({(ACME, "quiet", 1): QUIET}, {ACME: 2}, True)] * 20 == ends
