"""The conditions of a rule file in the languages of other engines, from the same parsed conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pql.rules.conditions import Condition, Joined, Not, ScoreCondition, SignalCondition, TraitCondition
from pql.rules.pack import RuleFile
from pql.rules.parts import Points


class Dialect(NamedTuple):
    """How a language of expressions joins, turns round and chooses."""

    every: str
    some: str
    turned: str
    choice: str
    number: str = "{}"


PYTHON = Dialect(" and ", " or ", "(not {})", "({points} if {when} else 0)")
TERNARY = Dialect(" and ", " or ", "(not {})", "({when} ? {points} : 0)")
ZEN = Dialect(" and ", " or ", "(not ({}))", "({when} ? {points} : 0)")
C_LIKE = Dialect(" && ", " || ", "!({})", "({when} ? {points} : 0)", "{:.1f}")
SYMBOLS = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<", "equals": "=="}


def expressions(file: RuleFile, dialect: Dialect) -> list[str]:
    """Return each rule's condition as an expression over the names of signals and traits."""
    return [_text(rule.when, file, dialect) for rule in file.rules.values()]


def json_logic(file: RuleFile) -> list[dict[str, Any]]:
    """Return each rule's condition as JsonLogic."""
    return [_tree(rule.when, file) for rule in file.rules.values()]


def _text(condition: Condition, file: RuleFile, dialect: Dialect) -> str:
    if isinstance(condition, Not):
        return dialect.turned.format(_text(condition.inner, file, dialect))
    if isinstance(condition, Joined):
        joint = dialect.every if condition.every else dialect.some
        return f"({joint.join(_text(one, file, dialect) for one in condition.inner)})"
    name, symbol, bound = _compared(condition)
    if isinstance(condition, ScoreCondition):
        given = [
            dialect.choice.format(
                points=dialect.number.format(part.points), when=_text(part.when, file, dialect)
            )
            for part in _parts(file, name)
        ]
        name = f"({' + '.join(given)})".replace(": 0)", f": {dialect.number.format(0)})")
    told = json.dumps(bound) if isinstance(bound, str) else dialect.number.format(bound)
    return f"({name} {symbol} {told})"


def _tree(condition: Condition, file: RuleFile) -> dict[str, Any]:
    if isinstance(condition, Not):
        return {"!": [_tree(condition.inner, file)]}
    if isinstance(condition, Joined):
        return {"and" if condition.every else "or": [_tree(one, file) for one in condition.inner]}
    name, symbol, bound = _compared(condition)
    value: dict[str, Any] = {"var": name}
    if isinstance(condition, ScoreCondition):
        value = {"+": [{"if": [_tree(part.when, file), part.points, 0]} for part in _parts(file, name)]}
    return {symbol: [value, bound]}


def _compared(condition: Condition) -> tuple[str, str, Any]:
    if isinstance(condition, (SignalCondition, ScoreCondition, TraitCondition)):
        name: str = getattr(condition, condition.kind)
        return name, SYMBOLS[condition.operator], condition.threshold
    raise TypeError(f"no other engine was taught {type(condition).__name__}")


def _parts(file: RuleFile, score: str) -> Iterator[Points]:
    for part in file.scores[score]:
        if not isinstance(part, Points):
            raise TypeError(f"no other engine was taught {type(part).__name__}")
        yield part


def as_numbers(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state in which every number is a float, for languages that never mix the two kinds."""
    return {name: float(one) if isinstance(one, int) else one for name, one in state.items()}
