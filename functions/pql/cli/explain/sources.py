"""Where an account to explain comes from: a table, or events counted in memory as the deployment does."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.event_sources import open_events
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_outbox import MemoryOutbox
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Row
from pql.core.envelope import encode
from pql.core.errors import Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.core.window import DAY
from pql.engine.plan import Plan
from pql.flows.convert import Converter, origins
from pql.flows.count import Counter
from pql.flows.ports import Outbox, Store
from pql.flows.process import Processor

BATCH = 500
# Nothing expires in memory: ids are kept for as long as it takes.
KEEP_IDS = 400


class Source(NamedTuple):
    """Rows and leads to look up, the moment (epoch ms) to explain, and lines that were no events.

    `shadowed` are the rules that are in shadow by an override at that moment.
    """

    store: Store
    outbox: Outbox
    now: int
    unread: int = 0
    shadowed: frozenset[str] = frozenset()

    def row(self, subject: str) -> Row | None:
        """Return what is known of a subject."""
        return self.store.rows([subject]).get(subject)

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead and how it stands: also one of whom was folded into its subject since."""
        found = (self.outbox.lead(key._replace(subject=one)) for one in origins(self.store, key.subject))
        return next((record for record in found if record is not None), None)


def from_table(client: Any, table: str, now: int) -> Source:
    """Return the source that reads a table."""
    held = DynamoOverrides(client, table, time.sleep).overrides()
    shadowed = frozenset(rule for rule in held.holding(now) if held.rules[rule].at <= now)
    return Source(DynamoStore(client, table, time.sleep), DynamoOutbox(client, table), now, shadowed=shadowed)


def from_events(
    plan: Plan, conversions: Collection[str], paths: Iterable[Path], until: int | None, lateness: int
) -> Source:
    """Return the source that has counted what files hold, up to `until` (epoch ms) if there is one.

    Members, repeats, late events, leads and what converts them (`conversions`, folded names) are what the
    deployment makes of them: the same code counts.
    Events are taken in the order in which they were received, those of the archive as they were counted.
    """
    files = open_events([*paths])
    taken = (one for one in files.events() if until is None or one.received <= until)
    store = MemoryStore()
    processor = Processor(
        store,
        Counter(store, plan, KEEP_IDS, _no_pause),
        MemoryArchive(),
        MemoryQuarantine(),
        horizon=lateness * DAY,
        pause=_no_pause,
        converter=Converter(MemoryLeads(store.leads), conversions),
    )
    newest = 0
    while batch := [*islice(taken, BATCH)]:
        newest = max(newest, *(one.received for one in batch))
        outcome = processor.process([("file", encode(batch))], "file", batch[-1].received, lambda: 600.0)
        for _, fault in outcome.faults:
            raise Unavailable(f"the events cannot be counted: {fault}")
    return Source(store, MemoryOutbox(store.leads), newest if until is None else until, files.unread)


def _no_pause(_: float) -> None:
    """Nobody else writes: there is nothing to wait for."""
