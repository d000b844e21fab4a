"""Rules that are new to an account: how it is brought to the present without their making a lead.

A row that was last judged under other rules says nothing of when a new one would have become true. What
time alone made of it since the row's last event is as old as the rest of its past, and stands behind
the baseline with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pql.engine.account import Account, Standing
from pql.engine.judge import Fired, judge, mark
from pql.engine.plan import Plan
from pql.engine.settle import settle
from pql.engine.slots import RuleSlot
from pql.engine.step import slide


class Newcomers:
    """Those of `rules` that have made no lead of the account, and make none while this holds them back.

    Call `hold_back` before every moment that is judged and `look` after it, and `arrive` at the end. `became`
    says whether any of them became true since the account was read: whoever looked at it without this
    would take that for news.
    """

    def __init__(self, plan: Plan, account: Account, rules: Sequence[RuleSlot]) -> None:
        self._plan = plan
        self._account = account
        self._absent = [rule for rule in rules if rule.place not in account.standings]
        self._rules = [rule for rule in rules if not _leads(rule, account)]
        # What holds already stands behind the baseline as it is read.
        self._armed = {rule.place for rule in self._absent}
        self.became = False

    def hold_back(self, moment: int) -> None:
        """Let none of the rules fire at `moment`, epoch ms: not even by what they take for new evidence."""
        for rule in self._rules:
            self._account.stand(rule.place, Standing(0, moment, armed=False, mark=math.inf))
        self._account.wake = 0

    def look(self) -> None:
        """Note whether one of them became true at the moment that has been judged."""
        self._note(self._account.holding)

    def arrive(self, now: int) -> None:
        """Bring the account to `now` (epoch ms), before which nothing more becomes true.

        A rule that holds stands as if it had fired without a lead, one that does not may fire from now on.
        """
        account = self._account
        slide(self._plan, account, now)
        account.clock = now
        holding = self._plan.verdict(account.values, now)
        for rule in self._rules:
            if holding & rule.bit or rule not in self._absent:
                base = mark(rule, account, now)
                account.stand(rule.place, Standing(0, now, armed=False, mark=base))
            else:
                _forget(rule, account)
        self._note(holding)
        settle(self._plan, account, now)
        account.wake = 0

    def _note(self, holding: int) -> None:
        for rule in self._rules:
            if holding & rule.bit:
                self.became |= rule.place in self._armed
            elif not rule.until or holding & rule.exit:
                self._armed.add(rule.place)


def release(plan: Plan, account: Account, rule: RuleSlot, now: int) -> Sequence[Fired]:
    """Let a rule fire that its baseline keeps silent, at `now` (epoch ms), the account's clock.

    So do rules that look at its leads.
    """
    account.stand(rule.place, Standing(0, now, armed=True))
    account.waiting |= rule.bit
    holding = plan.verdict(account.values, now)
    return judge(plan.question.rules, plan.mask, holding, account, None, now)


def _leads(rule: RuleSlot, account: Account) -> int:
    standing = account.standings.get(rule.place)
    return standing.cycle if standing else 0


def _forget(rule: RuleSlot, account: Account) -> None:
    account.standings.pop(rule.place, None)
    account.known &= ~rule.bit
    account.disarmed &= ~rule.bit
