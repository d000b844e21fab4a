"""Introducing a rule: what was so before is no news, and what time or events bring later is."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.events import DAY, HOUR, START, group
from fakes.histories import histories, in_order, packs
from fakes.introducing import KEEN, NEW, QUIET, SIGNALS, count, introduce, leads_of, peopled, reports
from fakes.plans import plan_of
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.event import Event
from pql.core.lead import Lead
from pql.flows.introduce import Introducer
from pql.flows.survey import Survey, Tally
from pql.flows.wake import SETTLING, Waker


def test_who_sleeps_is_woken_when_time_makes_the_rule_true() -> None:
    """Nothing has happened since before the rule was there, and nothing does: the lead comes on its day."""
    store = peopled()
    _, tally = introduce(store, apply=True)
    Waker(store, NEW).run(START + 6 * DAY + SETTLING, lambda: 60_000)

    quiet = START + 6 * DAY
    expected = {("one", "quiet"): quiet, ("two", "quiet"): quiet, ("six", "quiet"): quiet}
    assert {**expected, ("customer", "quiet"): quiet} == leads_of(store)
    assert Tally(accounts=6, settled=2, woken=4, counted=tally.counted) == tally
    assert {slot.fingerprint for slot in NEW.signals} == tally.counted


def test_without_it_nobody_is() -> None:
    """So the test above can fail."""
    store = peopled()
    Waker(store, NEW).run(START + 6 * DAY + SETTLING, lambda: 60_000)

    assert {} == store.leads


@pytest.mark.parametrize("looks", ["event", "sweep"])
def test_what_was_quiet_before_the_rule_was_there_is_no_news(looks: str) -> None:
    """Whoever looks next finds no lead of last week; a silence that begins later is one."""
    store = peopled()
    introduce(store, apply=True)
    later = START + 5 * DAY + HOUR
    if looks == "event":
        count(store, *reports("five", 1, 5 * DAY + HOUR))
    else:
        Waker(store, NEW).run(later + SETTLING, lambda: 60_000)
    before = leads_of(store)
    count(store, *reports("five", 1, 9 * DAY))
    count(store, *reports("five", 1, 19 * DAY))

    assert {} == before
    assert ("five", "quiet") in leads_of(store)


def test_what_came_and_went_before_the_rule_was_there_is_no_news_either() -> None:
    """It was true for a day last week, and nobody has looked since."""
    text = "rules: {old: {when: {trait: began, is: never}, title: t, reason: r}"
    passing = "{all: [{since: began, at_least: 2d}, {since: began, at_most: 3d}]}"
    old = plan_of(text + "}")
    new = plan_of(text + f", passing: {{when: {passing}, title: t, reason: r}}}}")
    stores = [MemoryStore(), MemoryStore(), MemoryStore()]
    introduced, plain, always = stores
    for store, plan in ((introduced, old), (plain, old), (always, new)):
        count(store, group(1, began="2025-01-01"), plan=plan)
    introduce(introduced, "passing", apply=True, plan=new)
    for store in stores:
        count(store, *reports("acme", 1, 6 * DAY), plan=new)

    assert [{}, {}, {("acme", "passing"): START + 2 * DAY}] == [leads_of(store) for store in stores]


def test_a_rule_without_a_baseline_makes_leads_of_all() -> None:
    """Also of those whom no event comes from any more."""
    text = SIGNALS + "rules: {r: {when: {signal: reports, at_least: 2}, baseline: none, title: t, reason: r}}"
    plan = plan_of(text)
    store = peopled()
    introducer = Introducer(store, MemoryLeads(store.leads), plan, ["r"], START + 5 * DAY, write=True)
    surveys = {"r": Survey()}
    introducer.survey([*store.accounts.values()], surveys, Tally())
    introducer.announce("r", surveys["r"], surveys["r"].matches)

    assert {"six", "five", "two", "long ago", "customer"} == {who for who, _ in leads_of(store)}


def test_other_rules_miss_nothing_meanwhile() -> None:
    """What time had made true by a rule that was there is made a lead of its own moment."""
    old = plan_of(SIGNALS + QUIET)
    new = plan_of(SIGNALS + QUIET + KEEN)
    store, plain = MemoryStore(), MemoryStore()
    for one in (store, plain):
        count(one, *reports("acme", 5, 0), plan=old)
    introducer = Introducer(store, MemoryLeads(store.leads), new, ["keen"], START + 5 * DAY, write=True)
    surveys = {"keen": Survey()}
    introducer.survey([*store.accounts.values()], surveys, Tally())
    introducer.announce("keen", surveys["keen"], 1)
    Waker(plain, old).run(START + 5 * DAY, lambda: 60_000)

    assert {**leads_of(plain), ("acme", "keen"): START + 5 * DAY} == leads_of(store)
    assert 2 == len(store.leads)


@given(packs(), histories(most=20), st.integers(0, 20), st.integers(0, 12 * 24), st.booleans())
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow])
def test_the_past_makes_no_lead_of_a_new_rule_and_others_are_as_without_it(
    text: str,
    history: list[Event],
    before: int,
    hours: int,
    announce: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever the rules and events, and whenever it is introduced: old leads stay word for word."""
    # Equal to what flows is a matter of an instant, which is seen if somebody happens to look then.
    assume(not re.search(r"signal: s\d, is:", text))
    new = plan_of(text)
    old = plan_of(text[:-1] + ", status: draft}")
    events = in_order(history)
    at = max([START, *(one.received for one in events[:before])]) + hours * HOUR
    then = [msgspec.structs.replace(one, received=max(one.received, at + 1)) for one in events[before:]]
    store, plain = MemoryStore(), MemoryStore()
    for one in (store, plain):
        count(one, *events[:before], plan=old)
    leads = MemoryLeads(store.leads)
    introducer = Introducer(store, leads, new, ["r1"], at, write=True)
    surveys = {"r1": Survey()}
    introducer.survey([*store.accounts.values()], surveys, Tally())
    introducer.announce("r1", surveys["r1"], 1 if announce else 0)
    for one in (store, plain):
        for later in then:
            count(one, later, plan=new)
        Waker(one, new).run(START + 60 * DAY, lambda: 60_000)
    made = {record.lead.introduced for record in store.leads.values() if record.lead.created <= at}

    assert made_by(store, "r0") == made_by(plain, "r0")
    assert all(one.created > at or one.introduced for one in made_by(store, "r1"))
    assert (surveys["r1"].matches > 0 and announce) == (True in made)


def made_by(store: MemoryStore, rule: str) -> list[Lead]:
    """Return the leads of a rule by key."""
    return [record.lead for key, record in sorted(store.leads.items()) if key.rule == rule]
