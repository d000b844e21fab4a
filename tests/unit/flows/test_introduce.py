"""Introducing a rule: the best of those who hold already become leads once, the rest stay silent."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fakes.chances import examples
from fakes.crashing_store import WAYS, CrashingStore, Killed, Way
from fakes.events import DAY, HOUR, START, event, group
from fakes.histories import histories, packs
from fakes.interrupted_store import InterruptedStore
from fakes.memory_accounts import MemoryAccounts
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Row
from pql.core.envelope import encode
from pql.core.errors import NewerVersion
from pql.core.event import Event
from pql.core.lead import Lead
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.introduce import Introducer
from pql.flows.process import Processor
from pql.flows.survey import Survey, Tally, bound
from pql.flows.wake import SETTLING, Waker

SIGNALS = """
signals:
  reports: {count: Report Created}
  paid: {count: Order Completed}
  recent: {count: Report Created, within: 2d}
"""
OLD = plan_of(SIGNALS + "rules: {old: {when: {signal: reports, at_least: 1000}, title: t, reason: r}}")
NEW_TEXT = (
    SIGNALS
    + """
scores:
  usage: [{points: 1, per: reports, up_to: 50}]
rules:
  old: {when: {signal: reports, at_least: 1000}, title: t, reason: r}
  keen:
    when: {score: usage, at_least: 2}
    unless: {signal: paid, at_least: 1}
    baseline: top 2
    title: "{account} is keen"
    reason: "{reports} reports"
  quiet:
    when: {all: [{signal: reports, at_least: 1}, {signal: recent, less_than: 1}]}
    title: "{account} went quiet"
    reason: "{reports}"
"""
)
NEW = plan_of(NEW_TEXT)
# As it is, but silence is told of at once.
EAGER = plan_of(NEW_TEXT + "    baseline: none\n")
RULES = ("keen", "quiet")


def count(store: Any, *events: Event, plan: Plan = NEW) -> None:
    """Process events as one message."""
    counter = Counter(store, plan, 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=90 * DAY, pause=lambda _: None
    )
    assert [] == processor.process([("m", encode(list(events)))], "batch", START, lambda: 60.0).failed


def reports(account: str, many: int, at: int, **more: Any) -> list[Event]:
    """Return so many reports of an account."""
    return [event((account, at, one), account=account, at=at, **more) for one in range(many)]


def peopled() -> MemoryStore:
    """Return a store that has counted for four days, before there were new rules."""
    store = MemoryStore()
    count(store, *reports("one", 1, 4 * DAY), *reports("two", 2, 4 * DAY), plan=OLD)
    count(store, *reports("six", 6, 4 * DAY), *reports("five", 5, 0), plan=OLD)
    # As many as `two`, longer ago; and one that nothing may come of.
    count(store, *reports("long ago", 2, 0), *reports("customer", 9, 4 * DAY), plan=OLD)
    count(store, event("order", "Order Completed", account="customer", at=4 * DAY), plan=OLD)
    return store


def introduce(
    store: Any,
    *rules: str,
    at: int = START + 5 * DAY,
    apply: bool = False,
    announce: int = 0,
    plan: Plan = NEW,
    memory: MemoryStore | None = None,
) -> tuple[dict[str, Survey], Tally]:
    """Introduce rules page by page, as the command does; return what was found and done."""
    memory = memory or store
    leads = MemoryLeads(memory.leads)
    introducer = Introducer(store, leads, plan, rules or RULES, at, write=apply or bool(announce))
    surveys = {rule: Survey() for rule in rules or RULES}
    tally = Tally()
    after, pages = None, MemoryAccounts(memory)
    while True:
        page = pages.page(after)
        introducer.survey(page.rows, surveys, tally)
        for survey in surveys.values():
            survey.rank(100)
        after = page.after
        if after is None:
            break
    if announce:
        introducer.announce("keen", surveys["keen"], announce)
    return surveys, tally


def leads_of(store: MemoryStore) -> dict[tuple[str, str], int]:
    """Return when which lead was made, by account and rule."""
    return {(one.lead.account_id, one.lead.rule): one.lead.created for one in store.leads.values()}


def test_who_holds_already_is_ranked_by_score_and_then_by_the_newest_event() -> None:
    """Whom the rule is barred from is only counted, and nothing at all is written."""
    store = peopled()
    rows, writes = dict(store.accounts), store.writes
    surveys, _ = introduce(store)
    keen = surveys["keen"]

    assert [("a:six", 6), ("a:five", 5), ("a:two", 2), ("a:long%20ago", 2)] == [
        (one.subject, one.score) for one in keen.ranked
    ]
    assert (4, 1, 0) == (keen.matches, keen.barred, keen.leads)
    assert (rows, writes, {}) == (store.accounts, store.writes, store.leads)


def test_the_first_few_become_leads_and_the_rest_stay_silent() -> None:
    """As of the introduction; whoever was left out is no lead by the next event either."""
    store = peopled()
    surveys, _ = introduce(store, announce=2)
    at = START + 5 * DAY
    for account in ("two", "six"):
        count(store, *reports(account, 1, 5 * DAY + HOUR))

    assert {("six", "keen"): at, ("five", "keen"): at} == leads_of(store)
    assert ["lead", "lead", "silent", "silent"] == [one.outcome for one in surveys["keen"].ranked]
    assert all(record.lead.introduced for record in store.leads.values())


def test_introducing_again_makes_nothing_new() -> None:
    """Neither a lead nor a write, even as others have become the best meanwhile; more may be asked for."""
    store = peopled()
    introduce(store, announce=2)
    writes = store.writes
    introduce(store, announce=2)
    again = store.writes
    count(store, *reports("two", 20, 6 * DAY))
    introduce(store, announce=2, at=START + 7 * DAY)
    before = keen(store)
    introduce(store, announce=3, at=START + 7 * DAY)

    assert writes == again
    assert ["six", "five"] == before
    assert [*before, "two"] == keen(store)


def keen(store: MemoryStore) -> list[str]:
    """Return who is a lead of that rule, in the order in which they became one."""
    return [who for who, rule in leads_of(store) if rule == "keen"]


def test_a_lead_that_came_by_itself_is_none_of_the_few() -> None:
    """What the rule makes of news is beside what is made of the past."""
    store = peopled()
    count(store, *reports("one", 3, 4 * DAY + HOUR))
    introduce(store, announce=2)

    assert {("one", "keen"), ("six", "keen"), ("five", "keen")} == {*leads_of(store)}


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


QUIET = """
rules:
  quiet: {when: {all: [{signal: reports, at_least: 1}, {signal: recent, less_than: 1}]}, title: t, reason: r}
"""
KEEN = """
  keen: {when: {signal: reports, at_least: 2}, baseline: top 2, title: t, reason: r}
"""


def test_a_rule_that_is_new_and_was_not_named_meets_the_accounts_all_the_same() -> None:
    """It makes no lead of the past, either; a rule without a baseline does, and is told of."""
    tallies = [introduce(peopled(), "keen", plan=plan)[1] for plan in (NEW, EAGER)]

    expected = [(6, 2, 4, {}), (6, 0, 6, {"quiet": 2})]
    assert expected == [(one.accounts, one.settled, one.woken, one.due) for one in tallies]


def test_what_a_newer_deployment_wrote_ends_it() -> None:
    """Rules are introduced by the version that runs."""
    store = peopled()
    store.accounts["a:six"] = Row("a:six", newer=True)

    with pytest.raises(NewerVersion):
        introduce(store)


def test_who_has_moved_is_nobody() -> None:
    """A tombstone has nothing that a rule could hold for."""
    store = peopled()
    store.accounts["u:ada"] = Row("u:ada", 3, moved="a:six")
    surveys, _ = introduce(store)

    assert "u:ada" not in {one.subject for one in surveys["keen"].ranked}


def test_who_moves_meanwhile_is_nobody_either() -> None:
    """Nothing is left in the row when it is read again, and so no rule holds for it."""
    few = SIGNALS + QUIET + "  few: {when: {signal: reports, less_than: 5}, title: t, reason: r}"
    store = MemoryStore()
    count(store, event(1, account=None, user="ada", at=0), plan=OLD)
    rows = [*store.accounts.values()]
    count(store, group(2, user="ada", account="acme", at=HOUR), plan=OLD)
    introducer = Introducer(store, MemoryLeads(store.leads), plan_of(few), ["few"], START + DAY, write=True)
    surveys, tally = {"few": Survey()}, Tally()
    introducer.survey(rows, surveys, tally)

    assert (["u:ada"], "a:acme") == ([one.subject for one in rows], store.accounts["u:ada"].moved)
    assert (Survey(), 0) == (surveys["few"], tally.accounts)


@pytest.mark.parametrize(("baseline", "leads"), [("silent", 0), ("top 20", 20), ("none", None)])
def test_a_baseline_says_how_many_leads_it_wants(baseline: str, leads: int | None) -> None:
    """All of them where there is none."""
    assert leads == bound(baseline)


@pytest.mark.parametrize("way", WAYS)
def test_whatever_call_goes_wrong_the_next_run_ends_the_same(way: Way) -> None:
    """For every call: it goes wrong, the command is typed once more, and there are just as many leads."""
    quiet = CrashingStore(peopled(), -1, way)
    introduce(quiet, announce=2, memory=quiet.store)
    ends = []
    for at in range(quiet.calls):
        store = CrashingStore(peopled(), at, way)
        with suppress(Killed, Exception):
            introduce(store, announce=2, memory=store.store)
        introduce(store.store, announce=2)
        ends.append(leads_of(store.store))

    assert quiet.calls > 8
    assert [leads_of(quiet.store)] * len(ends) == ends


def test_two_at_once_make_the_same_few() -> None:
    """Whoever comes second finds the lead standing and counts it."""
    for at in range(12):
        memory = peopled()
        store = InterruptedStore(memory, {at: lambda memory=memory: introduce(memory, announce=2)})
        introduce(store, announce=2, memory=memory)

        assert {("six", "keen"), ("five", "keen")} == {*leads_of(memory)}


def test_an_event_that_comes_in_between_is_counted_and_makes_its_own_lead() -> None:
    """Who was silent by the survey and fires by the event is no second lead."""
    ends = []
    for at in range(12):
        memory = peopled()
        news = reports("one", 5, 5 * DAY + HOUR)
        store = InterruptedStore(memory, {at: lambda memory=memory, news=news: count(memory, *news)})
        introduce(store, announce=2, memory=memory)
        store.rest()
        ends.append({*leads_of(memory)})

    assert [{("six", "keen"), ("five", "keen"), ("one", "keen")}] * len(ends) == ends


def test_who_ceases_to_hold_before_their_turn_makes_room_for_the_next() -> None:
    """A lead is made of what is so when it is made, not of the list."""
    ends = set()
    for at in range(12):
        memory = peopled()
        order = event("o", "Order Completed", account="six", at=5 * DAY + HOUR)
        store = InterruptedStore(memory, {at: lambda memory=memory, order=order: count(memory, order)})
        introduce(store, announce=2, memory=memory)
        ends.add(frozenset(keen(memory)))

    assert {frozenset({"six", "five"}), frozenset({"five", "two"})} == ends


def test_a_lead_that_stands_already_is_one_of_the_few() -> None:
    """After a partial restore: it is adopted, and said to have been there."""
    store = peopled()
    before = dict(store.accounts)
    introduce(store, announce=2)
    store.accounts.update(before)
    surveys, _ = introduce(store, announce=2)

    assert ["was_lead", "was_lead", "silent", "silent"] == [one.outcome for one in surveys["keen"].ranked]
    assert ["six", "five"] == keen(store)


def test_what_a_lead_makes_of_another_rule_was_not_introduced() -> None:
    """Only the rule's own leads came because somebody wanted them."""
    plan = plan_of(NEW_TEXT + "  next: {when: {rule: keen, fired_within: 2d}, title: t, reason: r}\n")
    store = peopled()
    introduce(store, announce=1, plan=plan)

    assert {"keen": True, "next": False} == {
        key.rule: one.lead.introduced for key, one in store.leads.items()
    }


def in_order(history: list[Event]) -> list[Event]:
    """Return events as they were received."""
    return sorted(history, key=lambda one: one.received)


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


def test_a_rule_about_people_looks_at_people() -> None:
    """And at no account, whatever its own rules say."""
    signals = "subject: user\nsignals: {reports: {count: Report Created}}\nrules:\n"
    rule = "  {}: {{when: {{signal: reports, at_least: {}}}, title: t, reason: r}}\n"
    old = plan_of(signals + rule.format("old", 99))
    new = plan_of(signals + rule.format("old", 99) + rule.format("power", 3))
    store = MemoryStore()
    count(store, *reports("acme", 3, 0, user="ada"), *reports("globex", 2, 0, user="bob"), plan=old)
    introducer = Introducer(store, MemoryLeads(store.leads), new, ["power"], START + DAY, write=True)
    surveys = {"power": Survey()}
    introducer.survey([*store.accounts.values()], surveys, Tally())
    introducer.announce("power", surveys["power"], 5)

    assert ["p:ada"] == [key.subject for key in store.leads]
