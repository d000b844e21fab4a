"""A file of one signal, and its value after some events."""

from __future__ import annotations

from typing import Any

from fakes.events import START, event
from fakes.plans import plan_of
from pql.core.event import Event
from pql.engine.account import Account
from pql.engine.plan import Plan
from pql.engine.step import slide, step

RULES = "signals: {s: {%s}}\nrules: {r: {when: {signal: s, is: no}, title: t, reason: r}}"
MINUTE = 60_000


def plan_with(signal: str) -> Plan:
    """Return the plan of one signal and a rule that never fires."""
    return plan_of(RULES % signal)


def told(plan: Plan, *history: Event) -> Account:
    """Return the account after events in this order of arrival."""
    account = plan.account("a:acme")
    for one in history:
        step(plan, account, one)
    return account


def value(signal: str, *history: Event) -> Any:
    """Return the signal's value after events in this order of arrival."""
    return told(plan_with(signal), *history).values[0]


def reported(at: int, **properties: Any) -> Event:
    """Return a report with properties."""
    return event((at, properties), at=at, properties=properties)


def done(at: int, user: str | None = "ada", name: str = "Report Created") -> Event:
    """Return an event of a user."""
    return event((at, user, name), name, at=at, user=user)


def at_later(signal: str, later: int, *history: Event) -> Any:
    """Return the signal's value when nothing more has happened until `later`."""
    plan = plan_with(signal)
    account = told(plan, *history)
    slide(plan, account, START + later)
    return account.values[0]


def words_of(signal: str) -> str:
    """Return how a card speaks of a signal."""
    return plan_with(signal).signals[0].signal.words


CART, PAID = "Cart Viewed", "Checkout Started"
