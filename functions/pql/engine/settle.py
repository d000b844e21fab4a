"""How an account stands with the rules while none of them is fired: read from the table, or slid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pql.engine.account import UNKNOWN, Account
from pql.engine.slots import EXITS

if TYPE_CHECKING:
    from pql.engine.plan import Plan

_EXTRA = -(1 << EXITS)


def settle(plan: Plan, account: Account, now: int, changed: int | None = None) -> None:
    """Bring scores and standings in line with the values at `now`; nothing fires.

    `changed` has the bits of the places at which values may have changed, of all if it is not given. A
    rule that has fired and no longer holds may fire again, once its cooldown is over.
    """
    verdict, mask = (plan.verdict, plan.mask) if changed is None else plan.answers(changed)
    holding = account.holding & ~mask | verdict(account.values, now)
    fell = account.disarmed & ~holding & (~plan.held_open | holding >> EXITS)
    while fell:
        rule = fell.bit_length() - 1
        account.stand(rule, account.standings[rule]._replace(armed=True))
        fell ^= 1 << rule
    account.holding = holding & (account.known | _EXTRA)
    account.waiting = account.holding & account.known & (~account.disarmed | plan.requalifying)
    if account.waiting:
        account.wake = 0


def revive(plan: Plan, account: Account) -> None:
    """Settle an account that has just been read, at its own clock.

    A rule with a baseline that it has not met, and that holds already, does so because of what happened
    before the rule was there: it stands as if it had fired, without a lead. Rules that were there have
    fired by then, or did not hold. What time makes of it until somebody looks is `pql.engine.judge`'s.
    """
    for rule in plan.rules:
        standing = account.standings.get(rule.place)
        if rule.echo is not None and standing is not None and standing.cycle:
            account.values[rule.echo.place] = standing.fired
    unmet = plan.editions.unmet(account.editions)
    account.is_new = bool(plan.editions.unmet(account.editions[:1]))
    account.unmet = unmet & plan.guarded if account.clock else 0
    if account.unmet:
        holding = plan.verdict(account.values, account.clock)
        for rule in plan.rules:
            if account.unmet & holding & rule.bit & (~account.known | ~account.disarmed):
                standing = account.standings.get(rule.place) or UNKNOWN
                account.stand(rule.place, standing.silenced(account.clock))
    settle(plan, account, account.clock)
