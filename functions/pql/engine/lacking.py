"""For want of what a condition does not hold: not what else it looks at and could do without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never, cast

from pql.core.lead import Operand
from pql.engine.demand import holds
from pql.engine.operands import itself, of_part
from pql.engine.words import Words
from pql.rules.comparison import LOWER
from pql.rules.conditions import Condition, Joined, Not, RuleCondition, ScoreCondition
from pql.rules.parts import Bands, Per, Points, Weighted
from pql.rules.parts import Kinds as Parts


def lacking(condition: Condition, words: Words, *, turned: bool = False) -> Iterator[Operand]:
    """Yield the operands for want of which a condition does not hold (`turned`: does not fail).

    Of a score that is too low these are the parts that give it nothing and could.
    """
    if holds(condition, words) is not turned:
        return
    if isinstance(condition, Not):
        yield from lacking(condition.inner, words, turned=not turned)
    elif isinstance(condition, Joined):
        for one in condition.inner:
            yield from lacking(one, words, turned=turned)
    else:
        if isinstance(condition, RuleCondition) and condition.fired_within is None:
            other, scope = words.scope.book.rules[condition.rule]
            yield from lacking(other.when, words.of(scope), turned=turned)
        elif isinstance(condition, ScoreCondition) and (condition.operator in LOWER) is not turned:
            yield from _of_score(condition.score, words, 1.0)
        yield from itself(condition, words, turned=turned)


def _of_score(score: str, words: Words, weight: float) -> Iterator[Operand]:
    """Yield what the parts of a score lack; of those that take points away, what would end that."""
    for one in words.scope.scores[score].parts:
        part = cast("Parts", one)
        if isinstance(part, Points):
            if part.points:
                yield from lacking(part.when, words, turned=part.points * weight < 0)
        elif isinstance(part, Weighted):
            yield from _of_score(part.score, words, weight * part.weight)
        elif isinstance(part, Bands):
            (band,) = of_part(part, words)
            if not band.met and (band.points or 0) * weight > 0:
                yield band
        elif isinstance(part, Per):
            (each,) = of_part(part, words)
            if not each.met and part.points * weight > 0:
                yield each
        else:
            assert_never(part)
