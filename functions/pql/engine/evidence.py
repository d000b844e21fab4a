"""Why a rule fired: the lead with every operand's value and bound, and who was most active."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from pql.core.aggregates import Distinct
from pql.core.aggregates.evidence import EVENT_DIGITS
from pql.core.keys import readable
from pql.core.lead import Lead, Operand, Person, Scalar, Subject, lead_id
from pql.core.window import MINUTE
from pql.engine.account import Account
from pql.engine.judge import Fired
from pql.engine.plan import Plan
from pql.engine.scope import FileScope
from pql.rules.conditions import All, Condition, Not, ScoreCondition, SignalCondition, TraitCondition
from pql.rules.conditions import Any as AnyOf
from pql.rules.names import folded
from pql.rules.plain import plain
from pql.rules.properties import scalar
from pql.rules.rule import PLACEHOLDER

PEOPLE_SHOWN = 5
TITLE_LIMIT = 500
REASON_LIMIT = 2_000
CHOICES_SHOWN = 20
_SUBJECTS: dict[str, Subject] = {"a": "account", "u": "user", "n": "anonymous"}


def lead_of(plan: Plan, account: Account, fired: Fired) -> Lead:
    """Return the lead for a rule that has just fired, as the account stands now."""
    event, slot = fired.event, fired.rule
    subject = _SUBJECTS[account.subject[0]]
    account_id = event.account if subject == "account" and event.account else readable(account.subject)
    words = _Words(account, slot.scope, account_id)
    score = _main_score(slot.rule.when)
    return Lead(
        id=lead_id(account.subject, slot.name, fired.cycle),
        subject=subject,
        subject_key=account.subject,
        account_id=account_id,
        rule=slot.name,
        checksum=slot.checksum,
        cycle=fired.cycle,
        tier=slot.rule.tier,
        created=fired.at,
        title=words.filled(slot.rule.title)[:TITLE_LIMIT],
        reason=words.filled(slot.rule.reason)[:REASON_LIMIT],
        event_id=event.id,
        score=words.score(score) if score else None,
        score_name=score,
        evidence=_once(_operands(slot.rule.when, words)),
        people=_most_active(account),
        people_partial=account.crowded,
        traits={
            name: account.traits[folded(name)][2] for name in plan.shown if folded(name) in account.traits
        },
    )


class _Words:
    """Values and templates of one account, by the names of one rule file."""

    def __init__(self, account: Account, scope: FileScope, account_id: str) -> None:
        self._account = account
        self.scope = scope
        self._id = account_id

    def signal(self, name: str) -> Scalar:
        return self._account.values[self.scope.signals[name].place]

    def score(self, name: str) -> float:
        return self._account.score(self.scope.scores[name].place)

    def trait(self, name: str) -> Scalar:
        return self._account.values[self.scope.trait_index(name)]

    def newest(self, signal: str) -> tuple[str | None, int | None]:
        held = self._account.aggregates[self.scope.signals[signal].place]
        return (held.event[:EVENT_DIGITS], held.at) if held else (None, None)

    def filled(self, template: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._placeholder(found[1]), template)

    def _placeholder(self, name: str) -> str:
        if name == "account":
            known = self._account.traits.get("name")
            return plain(known[2]) if known else self._id
        if name.startswith("traits."):
            return plain(self.trait(name.removeprefix("traits.")))
        if name in self.scope.signals:
            return plain(self.signal(name))
        if name in self.scope.scores:
            return plain(self.score(name))
        return plain(max((self.score(one) for one in self.scope.scores), default=0.0))


def _operands(
    condition: Condition, words: _Words, points: float | None = None, *, turned: bool = False
) -> Iterator[Operand]:
    if isinstance(condition, Not):
        yield from _operands(condition.inner, words, points, turned=not turned)
    elif isinstance(condition, (All, AnyOf)):
        for one in getattr(condition, condition.kind):
            yield from _operands(one, words, points, turned=turned)
    elif isinstance(condition, ScoreCondition):
        for part in words.scope.scores[condition.score].parts:
            yield from _operands(part.when, words, part.points)
        yield _operand(
            condition, f"score {condition.score}", words.score(condition.score), None, turned=turned
        )
    elif isinstance(condition, SignalCondition):
        yield _of_signal(condition, words, points, turned=turned)
    elif isinstance(condition, TraitCondition):
        yield _operand(condition, condition.trait, words.trait(condition.trait), points, turned=turned)


def _once(operands: Iterator[Operand]) -> list[Operand]:
    """Return each operand once: a score may stand in several conditions."""
    return list({msgspec.json.encode(one): one for one in operands}.values())


def _of_signal(condition: SignalCondition, words: _Words, points: float | None, *, turned: bool) -> Operand:
    slot = words.scope.signals[condition.signal]
    value = words.signal(condition.signal)
    what = slot.signal.words
    if isinstance(slot.signal.fresh(), Distinct) and value == slot.signal.reach:
        what += f" ({plain(value)} or more)"
    event, at = words.newest(condition.signal)
    return _operand(condition, what, value, points, turned=turned, event_id=event, at=at)


def _operand(
    condition: Any, what: str, value: Scalar, points: float | None, *, turned: bool, **newest: Any
) -> Operand:
    met = condition.holds(value) is not turned
    threshold = condition.threshold
    return Operand(
        words=what,
        value=value,
        test=condition.opposite_words if turned else condition.test_words,
        threshold=[*threshold[:CHOICES_SHOWN]] if isinstance(threshold, tuple) else scalar(threshold),
        met=met,
        points=points,
        **newest,
    )


def _main_score(condition: Condition) -> str | None:
    return next((leaf.score for leaf in condition.leaves() if isinstance(leaf, ScoreCondition)), None)


def _most_active(account: Account) -> list[Person]:
    ranked = sorted(account.people.items(), key=lambda one: (-one[1][0], -one[1][1], one[0]))
    return [
        Person(id=person, events=events, last=last // MINUTE * MINUTE)
        for person, (events, last) in ranked[:PEOPLE_SHOWN]
    ]
