"""Who came nearest to a lead of each rule, without ever becoming one.

Those who have converted, and stand as they did by then, are kept apart from those to whom it may yet happen.
Whom a bar or a trait keeps from it is near to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pql.backtest.course import Miss
from pql.engine.account import Account
from pql.engine.bars import is_barred
from pql.engine.demand import holds, value_of
from pql.engine.explain import Explainer
from pql.engine.plan import Plan
from pql.engine.slots import RuleSlot
from pql.engine.state import pack, unpack
from pql.engine.words import Words
from pql.rules.comparison import LOWER, NumberComparison, is_number
from pql.rules.conditions import All, Condition, Joined, Not, RuleCondition, TraitCondition

KEPT = 10
_ALMOST = 0.99


class _Near(NamedTuple):
    """A subject that may be kept: farthest last, and the same whoever is looked at first."""

    distance: float
    subject: str
    met: int
    at: int
    state: bytes


class _Place(NamedTuple):
    """Which of the kept: those of the rule at a place, who have converted or have not."""

    rule: int
    converted: bool


class Nearest:
    """The nearest of each rule of a plan: how near is first reckoned part by part, and told for the few."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._parts = {rule.place: [*_parts(rule.rule.when)] for rule in plan.rules}
        self._given: dict[int, list[bool]] = {}
        self._kept: dict[_Place, list[_Near]] = {
            _Place(rule.place, converted): [] for rule in plan.rules for converted in (False, True)
        }

    def consider(self, account: Account, fired: int, *, converted: bool = False) -> None:
        """Look at an account as it stands at its clock, but for the rules with the bits of `fired`.

        `converted` says that it does so at that moment.
        """
        state = b""
        for rule in self._plan.rules:
            if fired & rule.bit:
                continue
            words = Words(account, rule.scope, "", account.clock)
            told = self._told(rule, words)
            met = sum(held for _, held in told)
            counting = [near for near, given in zip(told, self._blank(rule, words), strict=True) if not given]
            near = sum(one for one, _ in counting) / len(counting) if counting else 0.0
            kept = self._kept[_Place(rule.place, converted)]
            if near <= 0 or (len(kept) >= KEPT and (-near, account.subject) >= kept[-1][:2]):
                continue
            if is_barred(rule.rule, words) or is_excluded(rule.rule.when, words):
                continue
            state = state or pack(self._plan, account)
            kept.append(_Near(-near, account.subject, met, account.clock, state))
            kept.sort()
            del kept[KEPT:]

    def misses(self) -> Iterator[Miss]:
        """Yield the nearest of each rule with what was missing, nearest first, and who converted last."""
        explainer = Explainer(self._plan)
        for rule in self._plan.rules:
            of = len(self._parts[rule.place])
            for converted in (False, True):
                for near in self._kept[_Place(rule.place, converted)]:
                    account = unpack(self._plan, near.subject, near.state)
                    told = explainer.explain(account, near.at, rules=[rule.name]).rules[0]
                    words = [want.words for want in told.wants] or told.reasons
                    yield Miss(
                        rule.name, near.subject, near.at, near.met, of, words, -near.distance, converted
                    )

    def _told(self, rule: RuleSlot, words: Words) -> list[tuple[float, bool]]:
        return [_nearness(part, words) for part in self._parts[rule.place]]

    def _blank(self, rule: RuleSlot, words: Words) -> list[bool]:
        """Return which parts hold for everybody: nobody has come nearer by them."""
        given = self._given.get(rule.place)
        if given is None:
            blank = Words(self._plan.account("a:"), rule.scope, "", words.now)
            given = self._given[rule.place] = [held for _, held in self._told(rule, blank)]
        return given


def _parts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, All):
        for one in condition.inner:
            yield from _parts(one)
    else:
        yield condition


def _nearness(part: Condition, words: Words) -> tuple[float, bool]:
    """Return how near a condition is to holding, from 0 to 1, and whether it does."""
    if holds(part, words):
        return 1.0, True
    if isinstance(part, NumberComparison) and part.operator in LOWER:
        value, bound = value_of(part, words), part.threshold
        if is_number(value) and is_number(bound) and bound > 0:
            return max(0.0, min(_ALMOST, value / bound)), False
    return 0.0, False


def is_excluded(condition: Condition, words: Words, *, turned: bool = False) -> bool:
    """Return whether a condition (`turned`: its opposite) does not hold for what an account is.

    That is a trait which is known and no number: a plan, an industry, a role.
    """
    if holds(condition, words) is not turned:
        return False
    if isinstance(condition, Not):
        return is_excluded(condition.inner, words, turned=not turned)
    if isinstance(condition, Joined):
        parts = (is_excluded(one, words, turned=turned) for one in condition.inner)
        return any(parts) if condition.every is not turned else all(parts)
    if isinstance(condition, RuleCondition) and condition.fired_within is None:
        other, scope = words.scope.book.rules[condition.rule]
        return is_excluded(other.when, words.of(scope), turned=turned)
    if not isinstance(condition, TraitCondition):
        return False
    value = value_of(condition, words)
    return value is not None and not is_number(value)


def merged(misses: list[Miss]) -> list[Miss]:
    """Return the nearest of each rule, of those found in several places, in the order of the rules."""
    found: dict[tuple[str, bool], list[Miss]] = {}
    for one in misses:
        found.setdefault((one.rule, one.converted), []).append(one)
    return [
        one
        for _, each in sorted(found.items(), key=lambda group: group[0][1])
        for one in sorted(each, key=lambda one: (-one.nearness, one.subject))[:KEPT]
    ]
