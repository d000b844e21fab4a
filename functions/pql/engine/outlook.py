"""An account as it will stand if nothing more happens: what time alone brings, and when."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pql.core.window import BUCKETS, NEVER, Window
from pql.engine.account import Account
from pql.engine.alarm import Alarm
from pql.engine.plan import Plan
from pql.engine.state import pack, unpack
from pql.engine.step import slide
from pql.engine.words import Words

# What windows hold leaves them bucket by bucket, with those of a day that a fast clock is ahead.
MOMENTS = sum(Window(width, buckets).held for width, buckets in BUCKETS.items())


class Glimpse(NamedTuple):
    """The account at a moment (epoch ms)."""

    moment: int
    account: Account


class Outlook:
    """The account from `now` on (epoch ms, never before its clock); the one given stays as it is.

    `account` is how it stands now, `blank` how one does of which nothing is known. `alarm` tells the moments
    at which conditions on dates and on timed signals may change their answer; it must know all rules that are
    asked about.
    """

    def __init__(self, plan: Plan, account: Account, account_id: str, now: int, alarm: Alarm | None) -> None:
        self._plan = plan
        self._id = account_id
        self._alarm = alarm
        self._seen: list[Glimpse] = []
        self.now = max(account.clock, now)
        state = pack(plan, account)
        self.account = unpack(plan, account.subject, state)
        self._move(self.account, self.now)
        self.blank = plan.account(account.subject)
        self._move(self.blank, self.now)
        self._ahead = unpack(plan, account.subject, state)
        self._further = self._pass()

    def first(self, words: Words, asked: Callable[[Words], bool]) -> int | None:
        """Return the first moment after now at which `asked` is true, by the names that `words` knows."""
        for glimpse in self._glimpses():
            if asked(Words(glimpse.account, words.scope, self._id, glimpse.moment)):
                return glimpse.moment
        return None

    def _glimpses(self) -> Iterator[Glimpse]:
        """Yield what is ahead; what was asked for once is not worked out again."""
        yield from self._seen
        for glimpse in self._further:
            self._seen.append(glimpse)
            yield glimpse

    def _pass(self) -> Iterator[Glimpse]:
        moment = self.now
        self._move(self._ahead, moment)
        for _ in range(MOMENTS):
            ahead = self._ahead
            rings = NEVER if self._alarm is None else self._alarm(ahead.values, moment)
            moment = max(moment + 1, min(ahead.due, rings))
            if moment >= NEVER:
                return
            yield self._glimpse(moment)

    def _glimpse(self, moment: int) -> Glimpse:
        """Return the account at `moment`; its values are its own, the rest is shared with later ones."""
        self._move(self._ahead, moment)
        seen = copy.copy(self._ahead)
        seen.values = self._ahead.values.copy()
        return Glimpse(moment, seen)

    def _move(self, account: Account, moment: int) -> None:
        slide(self._plan, account, moment)
        account.clock = moment
        self._plan.verdict(account.values, moment)
