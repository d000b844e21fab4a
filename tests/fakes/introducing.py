"""Accounts that have counted before there was a rule, and its introduction."""

from __future__ import annotations

from typing import Any

from fakes.events import DAY, START, event
from fakes.memory_accounts import MemoryAccounts
from fakes.plans import plan_of
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.introduce import Introducer
from pql.flows.process import Processor
from pql.flows.survey import Survey, Tally

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


def keen(store: MemoryStore) -> list[str]:
    """Return who is a lead of that rule, in the order in which they became one."""
    return [who for who, rule in leads_of(store) if rule == "keen"]


def spoil(client: Any, subject: str, attribute: str) -> None:
    """Put bytes that nobody can read into an attribute of an account in a table."""
    client.update_item(
        TableName="pql",
        Key={"pk": {"S": subject}, "sk": {"S": "state"}},
        UpdateExpression="SET #attribute = :bytes",
        ExpressionAttributeNames={"#attribute": attribute},
        ExpressionAttributeValues={":bytes": {"B": b"damaged"}},
    )


QUIET = """
rules:
  quiet: {when: {all: [{signal: reports, at_least: 1}, {signal: recent, less_than: 1}]}, title: t, reason: r}
"""
KEEN = """
  keen: {when: {signal: reports, at_least: 2}, baseline: top 2, title: t, reason: r}
"""
