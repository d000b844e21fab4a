"""Deployments: what a rule that is new, edited or rolled back makes of accounts that were there before."""

from __future__ import annotations

from collections import Counter as Counted
from typing import Any

import msgspec
import pytest

from fakes.crashing_store import CrashingStore
from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.keys import in_logs
from pql.engine.state import editions_of
from pql.flows.count import Counter
from pql.flows.process import Processor
from pql.flows.wake import SETTLING, Waker

SIGNALS = """
signals:
  reports: {count: Report Created}
  recent: {count: Report Created, within: 3d}
  silent: {days_since: any}
  orders: {days_since: Order Completed}
rules:
"""
OLD = "  old: {when: {signal: orders, at_least: 40}, title: t, reason: r}\n"
QUIET = "  quiet: {when: {signal: silent, at_least: 14}, title: t, reason: r}\n"
KEEN = "  keen: {when: {signal: reports, at_least: 3}, title: t, reason: r}\n"
ACME = "a:acme"
Lead = tuple[str, int, float]


class Deployment:
    """A worker and a sweep with the rules of one deployment, for as long as it stands."""

    def __init__(self, store: Any, *rules: str) -> None:
        plan = plan_of(SIGNALS + "".join(rules))
        self.store = store
        self.waker = Waker(store, plan)
        self.processor = Processor(
            store,
            Counter(store, plan, 45, lambda _: None),
            MemoryArchive(),
            MemoryQuarantine(),
            horizon=9_999 * DAY,
            pause=lambda _: None,
        )

    def count(self, *events: Event) -> None:
        """Process events as one message."""
        outcome = self.processor.process([("m", encode(list(events)))], "batch", START, lambda: 60.0)
        assert [] == outcome.failed

    def sweep(self, day: float) -> list[Lead]:
        """Wake whoever is due on that day, and return the leads there are."""
        assert [] == self.waker.run(int(START + day * DAY) + SETTLING, lambda: 60_000).failed
        return self.leads

    @property
    def leads(self) -> list[Lead]:
        """Return rule, cycle and day of each lead."""
        made = (one.lead for one in getattr(self.store, "store", self.store).leads.values())
        return sorted((one.rule, one.cycle, (one.created - START) / DAY) for one in made)


def report(key: object, day: float) -> Event:
    """Return a report of a day."""
    return event((key, day), at=int(day * DAY))


def test_a_silence_from_before_the_rule_is_no_news_whoever_looks_first() -> None:
    """It began long before and another rule wakes the account late; the next one is news on its day."""
    for wakes in (True, False):
        store = MemoryStore()
        Deployment(store, OLD).count(report(1, 0), event("o", "Order Completed"))
        new = Deployment(store, OLD, QUIET)
        before = new.sweep(100) if wakes else []
        new.count(report(2, 101))
        after = new.sweep(130)

        assert [] == [one for one in before if one[0] == "quiet"]
        assert [("quiet", 1, 115.0)] == [one for one in after if one[0] == "quiet"]


def test_who_is_woken_by_another_rule_has_met_the_new_one_from_then_on() -> None:
    """What time makes true of it later is a lead of its day, though no event has come, nor a lead by then."""
    store = MemoryStore()
    old = Deployment(store, OLD)
    for one in (0, 5):
        old.count(event(one, "Order Completed", at=one * DAY))
    old.count(report(1, 30))
    new = Deployment(store, OLD, QUIET)
    for day in (40.5, 46):
        new.sweep(day)

    assert [("old", 1, 45.0), ("quiet", 1, 44.0)] == new.leads


def test_an_account_with_more_leads_due_than_fit_at_once_meets_a_rule_at_the_end_of_them() -> None:
    """Not after the first ninety-nine."""
    hourly = KEEN.replace("keen", "h").replace("3}", "1}, cooldown: 1h, requalify: {after: 1h}")
    store = MemoryStore()
    Deployment(store, hourly).count(report(1, 0))
    new = Deployment(store, hourly, QUIET)
    for _ in range(6):
        new.sweep(20)

    assert {"h": 481} == Counted(rule for rule, *_ in new.leads)


def test_what_a_user_did_before_the_rule_was_there_is_no_news_of_their_account() -> None:
    """Which is new, and would hold by what they bring."""
    store = MemoryStore()
    told = [event(i, account=None, user="ada") for i in range(3)]
    Deployment(store, OLD).count(*told)
    new = Deployment(store, OLD, KEEN)
    new.count(group("g", at=DAY))

    assert [] == new.leads


def test_what_ended_a_year_before_the_rule_is_not_announced() -> None:
    """By an event of today, of a moment that nobody looked at."""
    ends = "  trial: {when: {since: trial_ended, at_least: 11d}, title: t, reason: r}\n"
    store = MemoryStore()
    Deployment(store, OLD).count(group("g", trial_ended="2025-01-01"))
    new = Deployment(store, OLD, ends)
    new.count(report(1, 365))

    assert [] == new.sweep(400)


def test_a_rule_that_was_there_loses_nothing_by_the_deployment_of_another() -> None:
    """What time made true of it before anybody looks is a lead of its moment."""
    store = MemoryStore()
    Deployment(store, QUIET).count(report(1, 0))
    new = Deployment(store, QUIET, OLD)

    assert [("quiet", 1, 14.0)] == new.sweep(30)


def test_a_rule_that_has_never_been_judged_is_not_silenced_by_the_next_deployment() -> None:
    """The third report comes while only the sweep has looked at the account under its rules."""
    store = MemoryStore()
    first = Deployment(store, KEEN, QUIET)
    first.count(report(1, 0), report(2, 0.1))
    first.sweep(20)
    Deployment(store, KEEN, QUIET, OLD).count(report(3, 21))

    assert [("keen", 1, 21.0), ("quiet", 1, 14.1)] == first.leads


@pytest.mark.parametrize("once", [True, False], ids=["a lead long ago", "never a lead"])
@pytest.mark.parametrize("requalify", ["", ", requalify: {after: 2d}"])
def test_a_loosened_rule_announces_nobody_for_what_they_did_before(once: bool, requalify: str) -> None:  # noqa: FBT001 - a parameter
    """Whatever leads it made long ago; who ceases to hold and comes again is one."""
    rule = "  busy: {{when: {{signal: recent, at_least: {}}}, cooldown: 1d{}, title: t, reason: r}}\n"
    store = MemoryStore()
    strict = Deployment(store, rule.format(6, requalify))
    strict.count(*(report(i, 0) for i in range(6 if once else 1)))
    strict.count(*(report(i, 9) for i in range(4)))
    before = strict.leads
    loose = Deployment(store, rule.format(3, requalify))
    loose.count(report("more", 9.5))
    loose.sweep(12)
    silent = loose.leads
    loose.count(*(report(i, 30) for i in range(3)))

    assert before == silent
    assert [("busy", len(before) + 1, 30.0)] == loose.leads[len(before) :][:1]


def test_two_deployments_side_by_side_lose_no_lead() -> None:
    """The event that crosses the bound is counted by the one which does not know the rule."""
    store = MemoryStore()
    old, new = Deployment(store, OLD), Deployment(store, OLD, KEEN)
    for day, one in enumerate((old, new, old, new)):
        one.count(report(1, day))

    assert [("keen", 1, 3.0)] == new.leads


def test_a_rule_that_holds_behind_its_baseline_does_not_fire_by_the_clock() -> None:
    """However often it may requalify: it must cease to hold and come again."""
    again = KEEN.replace("title", "cooldown: 1d, requalify: {after: 30d}, title")
    store = MemoryStore()
    Deployment(store, OLD).count(*(report(i, 0) for i in range(3)))
    new = Deployment(store, OLD, again)
    new.count(report("more", 10))
    waits = store.accounts[ACME].wake
    new.sweep(300)
    new.count(report("more", 365))

    assert ([], None) == (new.leads, waits)


def test_a_sweep_that_is_rolled_back_takes_no_wake_from_the_other() -> None:
    """It looks again and finds nothing, and who knows the rule is still in time."""
    store = MemoryStore()
    old, new = Deployment(store, OLD), Deployment(store, OLD, QUIET)
    new.count(report(1, 0))
    for hour in range(3):
        old.sweep(14 + hour / 24)
    waits = (store.accounts[ACME].wake or 0) - (START + 14 * DAY) // 1000

    assert 0 < waits <= 17 * HOUR // 1000
    assert [("quiet", 1, 14.0)] == new.sweep(15)


def test_a_rule_that_is_gone_wakes_an_account_ever_less_and_then_never() -> None:
    """For a hundred days somebody might still come back to it."""
    store = MemoryStore()
    Deployment(store, OLD, QUIET).count(report(1, 0))
    later = Deployment(store, OLD)
    writes = store.writes
    for day in range(14, 200):
        later.sweep(day)

    assert (None, True) == (store.accounts[ACME].wake, store.writes - writes < 80)


def test_an_edition_that_nobody_remembers_had_no_rules() -> None:
    """Then everything the account holds already is behind the baseline."""
    store = MemoryStore()
    Deployment(store, OLD, KEEN).count(report(1, 0), report(2, 0))
    store.declared.clear()
    Deployment(store, OLD, KEEN.replace("3", "2")).count(report(3, 1))

    assert {} == store.leads


@pytest.mark.parametrize("forgotten", [False, True])
def test_an_edition_is_read_once_and_written_once(*, forgotten: bool) -> None:
    """Nothing is on the usual way: a thousand batches of accounts it knows ask for none, found or not."""
    asked: list[str] = []

    class Told(CrashingStore):
        def __getattr__(self, name: str) -> Any:
            if name in ("editions", "declare"):
                asked.append(name)
            return super().__getattr__(name)

    memory = MemoryStore()
    Deployment(memory, OLD).count(report(1, 0), event(2, account="globex"))
    if forgotten:
        memory.declared.clear()
    new = Deployment(Told(memory, -1, "killed before"), OLD, KEEN)
    for day in range(1, 6):
        new.count(report(1, day), event((2, day), account="globex", at=day * DAY))

    assert ["editions", "declare", "editions"] == asked


def test_an_account_names_few_editions() -> None:
    """One, when the last has all the rules of those before; four at most, of deployments that take turns."""
    store = MemoryStore()
    Deployment(store, OLD).count(report(1, 0))
    Deployment(store, OLD, KEEN).count(report(2, 0))
    one = len(editions_of(store.accounts[ACME].state))
    for bound in range(4, 12):
        Deployment(store, KEEN.replace("3", str(bound))).count(report(bound, 0))

    assert (1, 4) == (one, len(editions_of(store.accounts[ACME].state)))


def test_a_damaged_row_stops_nobody_else() -> None:
    """Its messages come again and name it; others of the batch are counted, by events and by the sweep."""
    store = MemoryStore()
    one = Deployment(store, QUIET)
    one.count(event(1, account="bad"), event(2, account="good"))
    row = store.accounts["a:bad"]
    store.accounts["a:bad"] = msgspec.structs.replace(row, state=row.state[:-3])
    messages = [("bad", [event(3, account="bad")]), ("good", [event(4, account="good")])]
    messages += [
        ("cyd", [event(5, account=None, user="cyd")]),
        ("who", [group(6, account="bad", user="cyd")]),
    ]
    packed = [(name, encode(events)) for name, events in messages]
    outcome = one.processor.process(packed, "batch", START, lambda: 60.0)
    woken = one.waker.run(START + 30 * DAY, lambda: 60_000)

    assert (["bad", "cyd", "who"], ["a:bad"]) == (sorted(outcome.failed), woken.failed)
    assert {("a:bad", "unreadable"), (in_logs("u:cyd"), "unreadable")} == {
        (whom, fault.code) for whom, fault in outcome.faults
    }
    assert ["a:good"] == [key.subject for key in store.leads]


def test_what_came_true_while_older_rules_judged_is_found_at_the_next_event() -> None:
    """A rollback hides no lead: the newer rules ask about everything when they are back."""
    store = MemoryStore()
    Deployment(store, OLD, KEEN).count(event("noise", "Noise", at=HOUR))
    Deployment(store, OLD).count(*(report(key, 1) for key in "abc"))
    back = Deployment(store, OLD, KEEN)
    back.count(event("more", "Noise", at=2 * DAY))

    assert [("keen", 1, 2.0)] == back.leads
