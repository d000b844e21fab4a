"""Hindsight: an account as it would stand had some signals been counted from its first event on."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from pql.core.aggregates import Aggregate
from pql.core.window import NEVER
from pql.engine.account import UNKNOWN, WIDTHS, Account
from pql.engine.merge import joined, meet
from pql.engine.plan import Plan
from pql.engine.settle import settle
from pql.engine.slots import RuleSlot

_CONDITIONS = (1 << 128) - 1


class Chosen(NamedTuple):
    """What gets its past: the places of signals in a plan, and the names of rules."""

    places: frozenset[int]
    rules: frozenset[str]


def chosen(plan: Plan, rules: Collection[str], signals: Collection[str]) -> Chosen:
    """Return what these rules look at and say, however far round, and these signals (`name` or `file:name`).

    What the plan does not have is left out: another plan of the pack may.
    """
    mine = [slot for slot in plan.rules if slot.name in rules]
    places = {place for slot in mine for place in _looked_at(slot)}
    for file, scope in plan.scopes.items():
        stem = file.rpartition(".")[0]
        places |= {
            slot.place for name, slot in scope.signals.items() if {name, f"{stem}:{name}"} & {*signals}
        }
    return Chosen(frozenset(places), frozenset(slot.name for slot in mine))


def _looked_at(slot: RuleSlot) -> Iterator[int]:
    """Yield the places of the signals that a rule looks at or names in its texts."""
    rule, scope = slot.rule, slot.scope
    for condition in (rule.when, rule.until, rule.unless):
        for where, element in scope.through(condition) if condition else ():
            yield from (where.signals[one.name].place for one in element.named() if one.what == "signal")
    named = [name for _, name in rule.placeholders]
    named += [one.name for _, one in rule.named()]
    yield from (scope.signals[name].place for name in named if name in scope.signals)


def recall(plan: Plan, account: Account, pasts: Sequence[Account], what: Chosen, unmet: int) -> int:
    """Put the chosen signals' pasts in the place of what the account holds of them; return who is silent.

    The first of `pasts` is the account's own, the others were folded into it; they stay as they are. Nothing
    fires: rules that come to hold by it, and of the chosen those of the bits `unmet` that hold, stand as
    behind a baseline. The account is at the present, and stays at its clock. Traits are completed.
    """
    now = account.clock = account.clock or max(one.clock for one in pasts)
    held_before = plan.verdict(account.values, now) & _CONDITIONS
    for slot in plan.signals:
        if slot.place in what.places:
            held = _joined([one.aggregates[slot.place] for one in pasts])
            window = slot.signal.window
            if held is not None and window is not None:
                held.slide(now, window)
            account.aggregates[slot.place] = held
            account.values[slot.place] = slot.signal.read(slot.signal.fresh() if held is None else held)
    for place, past in enumerate(pasts):
        if not place or not account.is_account:
            _learn(plan, account, past)
    account.dues, account.due = [0] * len(WIDTHS), 0
    account.newest = max(account.newest, *(one.newest for one in pasts))
    holds = plan.verdict(account.values, now) & _CONDITIONS
    new = holds & ~held_before
    for rule in plan.rules:
        if rule.name in what.rules:
            new |= unmet & holds & rule.bit
    silent = 0
    for rule in plan.rules:
        standing = account.standings.get(rule.place)
        if new & rule.bit and (standing is None or standing.armed):
            account.stand(rule.place, (standing or UNKNOWN).silenced(now))
            silent |= rule.bit
    settle(plan, account, now)
    account.wake = 0
    return silent


def follow(account: Account, pasts: Sequence[Account]) -> None:
    """Let a person, of whom only what rules listened to was counted, be followed by all that was done."""
    account.people, account.crowded, account.ceiling = {}, False, NEVER
    account.newest = max(account.newest, *(past.newest for past in pasts))
    for past in pasts:
        meet(account, past)


def _joined(parts: Sequence[Aggregate | None]) -> Aggregate | None:
    whole: Aggregate | None = None
    for part in parts:
        if part is not None:
            whole = joined(whole, copy.deepcopy(part))
    return whole


def _learn(plan: Plan, account: Account, past: Account) -> None:
    """Take what group and identify calls have told, of each trait the newest."""
    for name, news in past.traits.items():
        if name not in account.traits or news[:2] > account.traits[name][:2]:
            account.traits[name] = news
            if name in plan.traits:
                account.values[plan.traits[name]] = news[2]
