"""Introducing a rule: the best of those who hold already become leads once, the rest stay silent."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, START
from fakes.introducing import EAGER, NEW, NEW_TEXT, count, introduce, keen, leads_of, peopled, reports
from fakes.plans import plan_of
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Row
from pql.flows.introduce import Introducer
from pql.flows.survey import Survey, Tally, bound


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


def test_a_lead_that_came_by_itself_is_none_of_the_few() -> None:
    """What the rule makes of news is beside what is made of the past."""
    store = peopled()
    count(store, *reports("one", 3, 4 * DAY + HOUR))
    introduce(store, announce=2)

    assert {("one", "keen"), ("six", "keen"), ("five", "keen")} == {*leads_of(store)}


def test_a_rule_that_is_new_and_was_not_named_meets_the_accounts_all_the_same() -> None:
    """It makes no lead of the past, either; a rule without a baseline does, and is told of."""
    tallies = [introduce(peopled(), "keen", plan=plan)[1] for plan in (NEW, EAGER)]

    expected = [(6, 2, 4, {}), (6, 0, 6, {"quiet": 2})]
    assert expected == [(one.accounts, one.settled, one.woken, one.due) for one in tallies]


def test_who_has_moved_is_nobody() -> None:
    """A tombstone has nothing that a rule could hold for."""
    store = peopled()
    store.accounts["u:ada"] = Row("u:ada", 3, moved="a:six")
    surveys, _ = introduce(store)

    assert "u:ada" not in {one.subject for one in surveys["keen"].ranked}


@pytest.mark.parametrize(("baseline", "leads"), [("silent", 0), ("top 20", 20), ("none", None)])
def test_a_baseline_says_how_many_leads_it_wants(baseline: str, leads: int | None) -> None:
    """All of them where there is none."""
    assert leads == bound(baseline)


def test_what_a_lead_makes_of_another_rule_was_not_introduced() -> None:
    """Only the rule's own leads came because somebody wanted them."""
    plan = plan_of(NEW_TEXT + "  next: {when: {rule: keen, fired_within: 2d}, title: t, reason: r}\n")
    store = peopled()
    introduce(store, announce=1, plan=plan)

    assert {"keen": True, "next": False} == {
        key.rule: one.lead.introduced for key, one in store.leads.items()
    }


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
