"""Packs with a file about people, and what was counted under them."""

from __future__ import annotations

import functools
from typing import Any

from fakes.events import DAY, START
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.keys import is_person
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.flows.convert import Converter
from pql.flows.count import Counter
from pql.flows.outcome import Outcome
from pql.flows.process import Processor
from pql.rules.pack import Pack, RuleFile
from pql.rules.source import Source

ACCOUNTS = """
conversions: [Order Completed]
signals: {reports: {count: Report Created}}
rules: {busy: {when: {signal: reports, at_least: 3}, title: "{account}", reason: "{reports}"}}
"""
PEOPLE = """
subject: user
signals: {mine: {count: Report Created}}
rules: {keen: {when: {signal: mine, at_least: 3}, title: "{user}", reason: "{mine}"}}
"""


def pack_of(*texts: str) -> Pack:
    """Return the pack of rule files given as text."""
    return Pack({f"file{index}.yaml": _file(f"file{index}.yaml", text) for index, text in enumerate(texts)})


@functools.lru_cache(64)
def _file(name: str, text: str) -> RuleFile:
    return RuleFile.model_validate(Source(name, text).data)


BOTH = Plan(pack_of(ACCOUNTS, PEOPLE))
ALONE = Plan(pack_of(PEOPLE))


def run(
    store: Any, *events: Event, plan: Plan = BOTH, archive: MemoryArchive | None = None, leads: Any = None
) -> Outcome:
    """Process events as one message."""
    processor = Processor(
        store,
        Counter(store, plan, 45, lambda _: None),
        archive or MemoryArchive(),
        MemoryQuarantine(),
        horizon=7 * DAY,
        pause=lambda _: None,
        converter=Converter(leads or MemoryLeads(getattr(store, "store", store).leads), {"ordercompleted"}),
    )
    return processor.process([("m", encode(events))], "batch", START, lambda: 60.0)


def held(store: MemoryStore, plan: Plan = BOTH) -> dict[str, Any]:
    """Return what the first signal says of every subject of which it says something."""
    found = {
        key: unpack(plan.of(key), key, row.state).values[0]
        for key, row in store.accounts.items()
        if is_person(key) or not plan.is_blank
    }
    return {key: value for key, value in found.items() if value}


def followed(account: Account) -> dict[str, tuple[int, int, int]]:
    """Return whom an account follows, by id, as something that can be compared."""
    return {one: (held.events, held.last, held.hash) for one, held in account.people.items()}
