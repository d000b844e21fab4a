"""Towns that count by old rules and then by new ones, and a backfill of theirs."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Any

from fakes.events import DAY, HOUR, event, group, identify
from fakes.memory_accounts import MemoryAccounts
from fakes.memory_seen import MemorySeen
from fakes.people import followed, pack_of
from fakes.town import NOW, Objects, Town
from pql.adapters.memory_store import MemoryStore
from pql.core.errors import Unavailable
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.engine.state import unpack
from pql.engine.step import slide
from pql.flows.backfill import Backfill
from pql.flows.past import Backfilled, Settings

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


class Lost:
    """An archive that is down."""

    def append(self, lines: Sequence[tuple[str, Event]], batch: str) -> None:
        """Fail."""
        raise Unavailable("S3")


def done(key: object, at: int, name: str = "Order Completed", received: int | None = None) -> Event:
    """Return what was done on a device in such an hour; old rules do not look at orders of people."""
    received = None if received is None else received * HOUR
    return event(key, name, at=at * HOUR, received=received, account=None, user=None, anonymous="tab")


def signs_in(user: str, at: int) -> Event:
    """Return the call in such an hour by which the device is somebody's."""
    return identify(("in", user, at), user=user, anonymous="tab", at=at * HOUR)


def something_of(store: MemoryStore, plan: Plan = GROWN) -> dict[str, Any]:
    """Return what every row remembers that remembers anything."""
    return {one: kept for one, kept in held(store, plan).items() if kept[0] or kept[1] or kept[2]}


def assert_as_ever(town: Town, always: Town, plan: Plan = GROWN) -> None:
    """Assert that nobody is left, that all is what it would always have been, and that once is enough."""
    assert {} == backfill(town, plan).left
    assert something_of(always.store, plan) == something_of(town.store, plan)
    again = backfill(town, plan)
    assert (0, {}) == (again.written, again.left)
