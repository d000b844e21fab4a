"""Which rules fire, once an account's values have changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pql.core.event import Event
from pql.core.window import NEVER
from pql.engine.account import UNKNOWN, Account, Standing
from pql.engine.slots import RuleSlot
from pql.engine.verdict import Question
from pql.rules.comparison import is_number


class Fired(NamedTuple):
    """A rule that fired: by which event, when (epoch ms), for the how-manieth time.

    Without an event it was time alone that made it hold.
    """

    rule: RuleSlot
    event: Event | None
    at: int
    cycle: int


NONE: Sequence[Fired] = ()


def judge(
    rules: Sequence[RuleSlot], mask: int, holding: int, account: Account, event: Event | None, now: int
) -> Sequence[Fired]:
    """Return those of `rules`, whose bits are `mask`, that fire at `now` because of `event`.

    `holding` has the bits of what holds: conditions, exits and bars. A rule fires when its condition
    holds, it is ready and nothing bars it. What is barred stays ready. One that the account has not met is
    silent instead. Rules that look at the leads of others stand behind those, and see what they have just
    done.
    """
    before = account.holding
    # Where some rules were never asked, all are asked at once, as soon as the event is folded.
    unasked = account.is_new and event is not None
    if unasked or (holding == before & mask and not account.waiting & mask):
        return NONE
    account.holding = before & ~mask | holding
    fired: list[Fired] = []
    echoes: list[Echo] = []
    for rule in rules:
        bit = rule.bit
        if not (before ^ holding | account.waiting) & rule.bits:
            continue
        standing = account.standings.get(rule.place)
        if not holding & bit:
            account.waiting &= ~bit
            if standing is not None and not standing.armed and (not rule.until or holding & rule.exit):
                account.stand(rule.place, standing._replace(armed=True))
            continue
        if account.unmet & bit and (standing is None or standing.armed):
            standing = (standing or UNKNOWN).silenced(now)
            account.stand(rule.place, standing)
        elif ready(rule, standing, account, now):
            if holding & rule.bar:
                barred = bit | rule.bar
                if standing is None or before & barred != barred:
                    account.suppressed.append(rule.name)
                standing = standing or Standing(0, now, armed=True)
            else:
                cycle = 1 if standing is None else standing.cycle + 1
                standing = Standing(cycle, now, armed=False, mark=mark(rule, account, now))
                fired.append(Fired(rule, event, now, cycle))
                if rule.echo is not None:
                    echoes.append(rule.echo)
                    holding = holding & ~rule.echo.mask | rule.echo.heard(account, now) & mask
                    account.holding = before & ~mask | holding
            account.stand(rule.place, standing)
        waits = standing is not None and (
            standing.armed or (rule.rule.requalify is not None and not standing.is_silent)
        )
        account.waiting = account.waiting | bit if waits else account.waiting & ~bit
    # Leads and cooldowns begin and end here, and either moves what time will do.
    account.wake = 0
    for echo in echoes:
        fired += echo.judge(account, event, now)
    return sorted(fired, key=_place) if echoes else fired


def ready(rule: RuleSlot, standing: Standing | None, account: Account, now: int) -> bool:
    """Return whether a rule whose condition holds may fire, were nothing to bar it."""
    if standing is None:
        return True
    if standing.cycle and now - standing.fired < rule.rule.cooldown_ms:
        return False
    again = rule.rule.requalify
    if standing.armed or again is None or standing.is_silent:
        return standing.armed
    if again.after_ms is not None and now - standing.fired >= again.after_ms:
        return True
    if again.more is None:
        return False
    # Sums are exact to a millionth, their differences but nearly: 8.2 less 3.2 is 4.999999999999999.
    return round(mark(rule, account, now) - standing.mark, 6) >= again.more


def mark(rule: RuleSlot, account: Account, now: int) -> float:
    """Return what the signal whose growth lets the rule fire again is at, 0 if there is none."""
    again = rule.rule.requalify
    if again is None or again.signal is None:
        return 0.0
    value: Any = rule.scope.value(again.signal, account.values, now)
    return float(value) if is_number(value) else 0.0


def next_chance(rules: Sequence[RuleSlot], account: Account, now: int) -> int:
    """Return the next moment after `now` (epoch ms) at which the clock lets a rule that holds fire."""
    moments = [NEVER]
    for place, standing in account.standings.items():
        if not account.waiting >> place & 1 or standing.is_silent:
            continue
        rule = rules[place].rule
        over = standing.fired + rule.cooldown_ms if standing.cycle else now
        moments.append(over)
        if not standing.armed and rule.requalify is not None and rule.requalify.after_ms is not None:
            moments.append(max(over, standing.fired + rule.requalify.after_ms))
    return min(moment for moment in moments if moment > now)


def _place(fired: Fired) -> int:
    return fired.rule.place


class Echo:
    """What looks at the leads of one rule, asked again when it has fired.

    `place` is where the values say when that was, `mask` has the bits of the rules that look at it.
    """

    def __init__(self, place: int) -> None:
        self.place = place
        self.mask = 0
        self._question = Question((), ())
        self._verdict = self._question.verdict({})

    def ask(self, question: Question, constants: Mapping[str, Any]) -> None:
        """Take what hangs on the rule's leads, once the whole pack is known."""
        self._question = question
        self._verdict = question.verdict(constants)
        self.mask = question.mask

    def heard(self, account: Account, now: int) -> int:
        """Note that the rule fired at `now`, and return the bits of what holds by it."""
        account.values[self.place] = now
        return self._verdict(account.values, now)

    def judge(self, account: Account, event: Event | None, now: int) -> Sequence[Fired]:
        """Return those that fire by it, of the rules that have not been judged yet."""
        holding = self._verdict(account.values, now)
        return judge(self._question.rules, self.mask, holding, account, event, now)
