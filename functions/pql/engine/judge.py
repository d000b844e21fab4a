"""Which rules fire, once an account's values have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pql.core.event import Event
from pql.engine.account import Account, Standing
from pql.engine.slots import RuleSlot


class Fired(NamedTuple):
    """A rule that fired: by which event, when (epoch ms), for the how-manieth time."""

    rule: RuleSlot
    event: Event
    at: int
    cycle: int


NONE: Sequence[Fired] = ()


def judge(
    rules: Sequence[RuleSlot], mask: int, holding: int, account: Account, event: Event, now: int
) -> Sequence[Fired]:
    """Return those of `rules`, whose bits are `mask`, that fire at `now` because of `event`.

    `holding` has the bits of those that hold. A rule fires when it holds, is armed and its cooldown
    is over.
    """
    before = account.holding
    if holding == before & mask and not account.waiting & mask:
        return NONE
    account.holding = before & ~mask | holding
    account.waiting &= account.holding
    fired = []
    for rule in rules:
        standing = account.standings.get(rule.place)
        if not holding & rule.bit:
            if standing is not None and not standing.armed:
                account.stand(rule.place, standing._replace(armed=True))
        elif standing is not None and standing.armed and now - standing.fired < rule.rule.cooldown_ms:
            account.waiting |= rule.bit
        elif standing is None or standing.armed:
            account.waiting &= ~rule.bit
            cycle = 1 if standing is None else standing.cycle + 1
            account.stand(rule.place, Standing(cycle, now, armed=False))
            fired.append(Fired(rule, event, now, cycle))
    return fired
