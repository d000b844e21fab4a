"""The step: one event into one account, and which rules fire.

The same function serves Lambda, the tests in rule files and every replay; nothing else decides
whether an account qualifies. It reads no clock: an event is judged at its `received`, and never
earlier than what the account has already seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.judge import NONE, Fired, judge
from pql.engine.plan import Plan
from pql.engine.settle import settle


def step(plan: Plan, account: Account, event: Event) -> Sequence[Fired]:
    """Fold a new event into the account and return the rules that fire, in the order of the pack.

    Rules that time alone has made true before the event come first. Changes `account` in place. The
    caller passes every event once: a repeat would count again, and late events (`Event.is_late`) are
    not to be passed at all.
    """
    received = event.received
    if received >= account.alert:
        return _alerted(plan, account, event)
    now = account.clock
    if received > now:
        account.clock = now = received
    fold = plan.folds[event.type].get(event.name) or plan.fold(event.type, event.name)
    return fold(account, event, now)


def _alerted(plan: Plan, account: Account, event: Event) -> Sequence[Fired]:
    """Do what a step does, and before it what time, or rules that are new, have left to be done."""
    received = event.received
    now = account.clock
    overslept: Sequence[Fired] = NONE
    if received > now or account.unmet:
        now = max(received, now)
        due = now >= account.due
        if due or now >= account.wake:
            overslept = wake(plan, account, now)
            if due:
                slide(plan, account, now)
        account.clock = now
        account.unmet = 0
    fired = plan.fold(event.type, event.name)(account, event, now)
    if account.is_new:
        fired = [*fired, *_asked(plan, account, event, now)]
    account.rest()
    return [*overslept, *fired] if overslept else fired


def _asked(plan: Plan, account: Account, event: Event, now: int) -> Sequence[Fired]:
    """Ask all rules once about an account that some of them have never been asked about.

    A fold asks only what its event can change: what holds of somebody who has done nothing would else
    be found at some other rule's moment.
    """
    account.is_new = False
    holding = plan.verdict(account.values, now)
    return judge(plan.question.rules, plan.mask, holding, account, event, now)


def wake(plan: Plan, account: Account, now: int) -> Sequence[Fired]:
    """Judge the account at every moment until `now` at which time alone may have made a rule true.

    Each is judged as of that moment, so that it makes no difference who wakes the account, or when.
    The clock stays at the last of them.
    """
    fired: list[Fired] = []
    while (moment := waking(plan, account)) <= now:
        plan.leaving(account, moment)
        account.clock = moment
        holding = plan.verdict(account.values, moment)
        fired += judge(plan.question.rules, plan.mask, holding, account, None, moment)
    account.wake = moment
    return fired


def waking(plan: Plan, account: Account) -> int:
    """Return the next moment (epoch ms) at which time alone may make a rule fire, `window.NEVER` if none."""
    return plan.wake(account, account.clock)


def slide(plan: Plan, account: Account, now: int) -> None:
    """Let what has left its window at `now` go, and arm the rules whose condition fell with it."""
    fell = plan.leaving(account, now)
    if fell:
        settle(plan, account, now, fell)
