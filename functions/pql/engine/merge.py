"""The merge: what was counted of somebody elsewhere, folded into the account they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pql.core.aggregates import Aggregate
from pql.core.event import Event
from pql.engine.account import PEOPLE_KEPT, UNKNOWN, WIDTHS, Account, Followed, Standing
from pql.engine.judge import Fired, judge
from pql.engine.plan import Plan
from pql.engine.step import slide, wake

# How many memories of one signal that these rules do not know an account carries at most.
FOREIGN_COPIES = 8


def merge(plan: Plan, account: Account, other: Account, event: Event) -> Sequence[Fired]:
    """Fold `other` into the account, because of `event`, and return the rules that fire by it.

    The account then holds what it would hold had it seen the events of both; only rules are judged
    once, at the event, and not at each of the others; what time had made true before comes first.
    Leads that `other` made are its own; of a rule that has made none of the account they count as
    the account's, so that one fact is not told twice. `other` is used up; leads that time makes of it
    before are the caller's to ask for.
    """
    is_blank = account.is_new and not account.clock
    now = max(event.received, account.clock, other.clock)
    overslept = wake(plan, account, now)
    wake(plan, other, now)
    for one in (account, other):
        slide(plan, one, now)
        one.clock = now
    for slot in plan.signals:
        theirs = other.aggregates[slot.place]
        if theirs is not None:
            held = joined(account.aggregates[slot.place], theirs)
            account.aggregates[slot.place] = held
            account.values[slot.place] = slot.signal.read(held)
    meet(account, other)
    account.newest = max(account.newest, other.newest)
    if not account.is_account:
        _learn(plan, account, other)
    _carry(account, other, silent=is_blank)
    _stand(plan, account, other, silent=is_blank)
    account.is_new, account.unmet = False, 0
    account.dues, account.due, account.wake = [0] * len(WIDTHS), 0, 0
    holding = plan.verdict(account.values, now)
    fired = judge(plan.question.rules, plan.mask, holding, account, event, now)
    return [*overslept, *fired]


def joined(mine: Any, theirs: Aggregate) -> Aggregate:
    """Return the aggregate of the events of both; either may be changed by it."""
    if mine is None:
        return theirs
    first = min(mine.first, theirs.first)
    mine.merge(theirs)
    mine.first = first
    whole: Aggregate = mine
    return whole


def meet(account: Account, other: Account) -> None:
    """Follow the people of both, as far as an account follows people (see `Account.meet`)."""
    people = dict(account.people)
    for person, one in other.people.items():
        known = people.get(person) or Followed(0, one.last, one.hash)
        people[person] = Followed(known.events + one.events, max(known.last, one.last), one.hash)
    ranked = sorted(people, key=lambda name: (people[name].hash, name))
    account.people = {person: people[person] for person in ranked[:PEOPLE_KEPT]}
    account.crowded |= other.crowded or len(ranked) > PEOPLE_KEPT


def _learn(plan: Plan, account: Account, other: Account) -> None:
    """Take the traits of an anonymous id that turned out to be this user, the newest of each.

    An account takes none: what identify calls say of a person is not true of their company.
    """
    for name, news in other.traits.items():
        if name not in account.traits or news[:2] > account.traits[name][:2]:
            account.traits[name] = news
            if name in plan.traits:
                account.values[plan.traits[name]] = news[2]


def _stand(plan: Plan, account: Account, other: Account, *, silent: bool) -> None:
    """Take how `other` stands with the plan's rules, where that comes along."""
    for place, theirs in other.standings.items():
        if _comes_along(account.standings.get(place, UNKNOWN), theirs, silent=silent):
            account.stand(place, theirs)
            rule = plan.rules[place]
            # It is to be looked at whatever the account holds: who no longer holds is armed again.
            account.waiting |= rule.bit
            if rule.echo is not None and theirs.cycle:
                account.values[rule.echo.place] = theirs.fired


def _comes_along(mine: Standing, theirs: Standing, *, silent: bool) -> bool:
    """Return whether an account stands as `theirs` does: if it has had no lead of the rule, and they have.

    It does so with cycle and cooldown; with `silent` also behind the baseline.
    """
    return not mine.cycle and mine.armed and (theirs.cycle > 0 or (silent and not theirs.armed))


def standing_of(entry: Sequence[Any]) -> Standing:
    """Return how somebody stands with a rule that other rules have, from what is carried of it."""
    _, cycle, age, armed, mark, clock = entry
    return Standing(cycle, clock - age, armed, mark)


def _carry(account: Account, other: Account, *, silent: bool) -> None:
    """Carry on what other rules than the plan's remembered of `other`.

    It cannot be added up without those rules: an account then holds several memories of one signal,
    which are joined when a plan that knows it reads them (`pql.engine.state`). The newest few are
    kept, so that the users of an account cannot fill its row with what no rule reads any more.
    """
    if not other.foreign:
        return
    theirs, theirs_stand = other.foreign
    mine, standings = account.foreign or ([], [])
    stands = {entry[0]: entry for entry in standings}
    for entry in theirs_stand:
        held = stands.get(entry[0])
        before = UNKNOWN if held is None else standing_of(held)
        if _comes_along(before, standing_of(entry), silent=silent):
            stands[entry[0]] = entry
    copies: dict[int, list[Any]] = {}
    for entry in sorted([*mine, *theirs], key=_newest_first):
        copies.setdefault(entry[0], []).append(entry)
    account.foreign = [[one for each in copies.values() for one in each[:FOREIGN_COPIES]], [*stands.values()]]


def _newest_first(entry: list[Any]) -> int:
    _, age, _, _, clock = entry
    return int(age - clock)
