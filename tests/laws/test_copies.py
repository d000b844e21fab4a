"""What was counted once and comes again writes nothing: no row, no member, no lead."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import msgspec
from hypothesis import given, settings

from fakes.chances import chances, examples
from fakes.events import DAY, HOUR, event, identify
from fakes.people import pack_of
from fakes.towns import BARRED, PEOPLE_TOO
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_store import MemoryStore
from pql.core.envelope import encode
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.flows.count import Counter
from pql.flows.process import Processor

PLAN = Plan(pack_of(BARRED, PEOPLE_TOO))
NAMES = ["Report Created", "Report Created", "Order Completed", "Other"]


def story(rnd: random.Random) -> Iterator[Event]:
    """Yield what a few people do on devices that they share; no two calls are of the same moment."""
    at = 0
    for key in range(rnd.randint(2, 14)):
        at += rnd.choice([1, 1000, HOUR // 60, HOUR // 2, 5 * HOUR, DAY // 2])
        user = rnd.choice(["ada", "bob", "cyd", None, None])
        device = rnd.choice(["x", "y", None]) if user else rnd.choice(["x", "y"])
        account, kind = rnd.choice(["acme", "zeta", None, None]), rnd.random()
        who = {"user": user, "anonymous": device, "at": at}
        if kind < 0.3:
            yield event(key, "", kind="group", account=account or "acme", **who)
        elif kind < 0.65:
            yield identify(key, account=account if rnd.random() < 0.3 else None, name=rnd.choice("AB"), **who)
        else:
            yield event(key, rnd.choice(NAMES), account=account, **who)


def deliver(store: MemoryStore, events: Sequence[Event], rnd: random.Random) -> None:
    """Deliver the events in their order, a few at a time."""
    archive, quarantine = MemoryArchive(), MemoryQuarantine()
    counter = Counter(store, PLAN, 45, lambda _: None)
    processor = Processor(store, counter, archive, quarantine, horizon=7 * DAY, pause=lambda _: None)
    left = [*events]
    while left:
        some = rnd.choice([1, 1, 2, 4])
        batch, left = left[:some], left[some:]
        outcome = processor.process([("m", encode(batch))], "b", batch[-1].received, lambda: 60.0)
        assert not outcome.faults


@settings(max_examples=examples(150))
@given(rnd=chances(300))
def test_copies_write_nothing(rnd: random.Random) -> None:
    """Whichever come again, together with whichever others, in whatever order."""
    store = MemoryStore()
    told = [*story(rnd)]
    deliver(store, told, rnd)
    before = dict(store.accounts), dict(store.people), dict(store.leads), store.writes
    later = told[-1].received + rnd.choice([1000, 2 * DAY])
    again = rnd.sample(told, rnd.randint(1, len(told)))
    deliver(store, [msgspec.structs.replace(one, received=later) for one in again], rnd)

    assert before == (store.accounts, store.people, store.leads, store.writes)
