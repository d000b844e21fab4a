"""The step: one event into one account, and which rules fire.

The same function serves Lambda, the tests in rule files and every replay; nothing else decides
whether an account qualifies. It reads no clock: an event is judged at its `received`, and never
earlier than what the account has already seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from pql.core.event import Event, opened
from pql.core.window import MINUTE, NEVER
from pql.engine.account import PERSON_ID_LIMIT, Account
from pql.engine.judge import NONE, Fired, judge
from pql.engine.plan import Plan
from pql.rules.names import folded
from pql.rules.properties import scalar
from pql.rules.signals.signal import SKIP

NO_PROPERTIES: dict[str, object] = {}


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
    route = plan.routes.get((event.type, event.name)) or plan.route(event.type, event.name)
    if route.learns:
        return _learn(plan, account, event, now)
    time = event.time
    actor = event.user or event.anonymous
    if actor is not None:
        account.meet(actor if len(actor) <= PERSON_ID_LIMIT else actor[:PERSON_ID_LIMIT], time // MINUTE)
    if not route.folds:
        return NONE
    if time < account.earliest:
        account.earliest = time
        account.due = min(account.due, plan.earliest_exit(time))
    properties = opened(event.properties) if route.reads_properties else NO_PROPERTIES
    aggregates, values = account.aggregates, account.values
    changed = False
    for place, record, fresh in route.folds:
        held = aggregates[place]
        if held is None:
            held = fresh()
        value = record(held, event, properties, now)
        if value is not SKIP:
            aggregates[place] = held
            old = values[place]
            if value != old or type(value) is not type(old):  # true equals 1
                values[place] = value  # type: ignore[assignment] # SKIP has been dealt with
                changed = True
    if changed or account.waiting & route.mask:
        return judge(route, account, event, now)
    return NONE


def slide(plan: Plan, account: Account, now: int) -> None:
    """Let what has left its window at `now` go, and arm the rules whose condition fell with it."""
    fell = False
    due = NEVER
    for slot, window in plan.windowed:
        held = account.aggregates[slot.place]
        if held is None:
            continue
        if window.leaves(held.first) <= now and held.slide(now, window):
            account.values[slot.place] = slot.signal.read(held)
            fell = True
        due = min(due, window.leaves(held.first))
    account.due = due
    account.earliest = NEVER
    if fell:
        _settle(plan, account)


def _settle(plan: Plan, account: Account) -> None:
    holding = plan.whole.verdict(account.values)
    for place, standing in list(account.standings.items()):
        if not standing.armed and not holding >> place & 1:
            account.arm(place)
    account.settle(holding)


def _learn(plan: Plan, account: Account, event: Event, now: int) -> Sequence[Fired]:
    """Take the subject's traits: a group call speaks of the account, an identify call of the user."""
    if (event.type == "group") != account.is_account:
        return NONE
    touched = False
    for name, value in opened(event.traits).items():
        index = plan.traits.get(folded(name))
        plain = scalar(value)
        if index is None or plain is None:
            continue
        known = account.traits.get(folded(name))
        news = (event.time, event.id[:16], plain)
        if known is None or news[:2] > known[:2]:
            account.traits[folded(name)] = news
            old = account.values[index]
            if plain != old or type(plain) is not type(old):
                account.values[index] = plain
                touched = True
    if not touched:
        return NONE
    return judge(plan.by_traits, account, event, now)
