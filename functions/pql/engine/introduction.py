"""Rules that an account has not met, and what they find in it when they are introduced."""

from __future__ import annotations

from collections.abc import Sequence

from pql.engine.account import Account, Standing
from pql.engine.judge import Fired, judge
from pql.engine.plan import Plan
from pql.engine.settle import settle
from pql.engine.slots import RuleSlot
from pql.engine.step import slide


class Newcomers:
    """The rules that an account has not met when this is made; they stay silent until it is at the present.

    `became` says whether time has made any of them true since the account's last event.
    """

    def __init__(self, plan: Plan, account: Account) -> None:
        self._plan = plan
        self._account = account
        self._before = {**account.standings}
        self.are_any = bool(account.unmet)

    @property
    def became(self) -> bool:
        """Return whether one of them came to hold after it was read: what holds then is silent already."""
        before = self._before
        return self.are_any and any(
            one.is_silent and not (place in before and before[place].is_silent)
            for place, one in self._account.standings.items()
        )

    def arrive(self, now: int) -> int:
        """Bring the account to `now` (epoch ms), until which nothing more becomes true; return what holds."""
        account = self._account
        slide(self._plan, account, now)
        account.clock = now
        account.unmet = 0
        settle(self._plan, account, now)
        account.wake = 0
        return self._plan.verdict(account.values, now)


def release(plan: Plan, account: Account, rule: RuleSlot, now: int) -> Sequence[Fired]:
    """Let a rule fire that its baseline keeps silent, at `now` (epoch ms), the account's clock.

    So do rules that look at its leads.
    """
    account.stand(rule.place, Standing(0, now, armed=True))
    account.waiting |= rule.bit
    holding = plan.verdict(account.values, now)
    return judge(plan.question.rules, plan.mask, holding, account, None, now)
