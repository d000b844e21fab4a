"""Which rules fire, once an account's values have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pql.core.event import Event
from pql.engine.account import Account, Standing
from pql.engine.plan import Route, RuleSlot


class Fired(NamedTuple):
    """A rule that fired: by which event, when (epoch ms), for the how-manieth time."""

    rule: RuleSlot
    event: Event
    at: int
    cycle: int


NONE: Sequence[Fired] = ()


def judge(route: Route, account: Account, event: Event, now: int) -> Sequence[Fired]:
    """Bring the scores up to date and return the rules of `route` that fire by `event` at `now`.

    A rule fires when its condition comes to hold while it is armed and its cooldown is over.
    """
    holding = route.verdict(account.values)
    before = account.holding
    if holding == before & route.mask and not account.waiting & route.mask:
        return NONE
    account.holding = before & ~route.mask | holding
    account.waiting &= account.holding
    fired = []
    for rule in route.rules:
        standing = account.standings.get(rule.place)
        if not holding & rule.bit:
            if standing is not None and not standing.armed:
                account.arm(rule.place)
        elif standing is not None and standing.armed and now - standing.fired < rule.rule.cooldown_ms:
            account.waiting |= rule.bit
        elif standing is None or standing.armed:
            account.waiting &= ~rule.bit
            cycle = 1 if standing is None else standing.cycle + 1
            account.standings[rule.place] = Standing(cycle, now, armed=False)
            fired.append(Fired(rule, event, now, cycle))
    return fired
