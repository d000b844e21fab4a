"""The step: one event into one account, and which rules fire.

The same function serves Lambda, the tests in rule files and every replay; nothing else decides
whether an account qualifies. It reads no clock: an event is judged at its `received`, and never
earlier than what the account has already seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from pql.core.event import Event
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.judge import Fired
from pql.engine.plan import Plan


def step(plan: Plan, account: Account, event: Event) -> Sequence[Fired]:
    """Fold a new event into the account and return the rules that fire, in the order of the pack.

    Changes `account` in place. The caller passes every event once: a repeat would count again, and
    late events (`Event.is_late`) are not to be passed at all.
    """
    received = event.received
    now = account.clock
    if received > now:
        now = received
        if now >= account.due:
            slide(plan, account, now)
        account.clock = now
    fold = plan.folds[event.type].get(event.name) or plan.fold(event.type, event.name)
    return fold(account, event, now)


def slide(plan: Plan, account: Account, now: int) -> None:
    """Let what has left its window at `now` go, and arm the rules whose condition fell with it."""
    fell = False
    due = NEVER
    aggregates = account.aggregates
    for place, window, width, reach, read in plan.windowed:
        held = aggregates[place]
        if held is None:
            continue
        leaves = (held.first + reach) * width
        if leaves <= now:
            if held.slide(now, window):
                account.values[place] = read(held)
                fell = True
            leaves = (held.first + reach) * width
        if leaves < due:
            due = leaves
    account.due = due
    account.earliest = NEVER
    if fell:
        account.settle(plan.verdict(account.values))
