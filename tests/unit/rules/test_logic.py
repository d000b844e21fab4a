"""What can be true: the witnesses find every contradiction, and only contradictions."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pydantic import TypeAdapter

from pql.rules.conditions import AnyCondition, Condition, TraitCondition
from pql.rules.logic import Domain, TooManyWays, conflict, implies, ways

ADAPTER: TypeAdapter[Condition] = TypeAdapter(AnyCondition)
COUNT = Domain(numbers=True, whole=True, least=0, most=32)


def condition(data: Any) -> Condition:
    """Return a condition as a rule file would have it."""
    return ADAPTER.validate_python(data)


def subject(leaf: Condition) -> tuple[str, Domain]:
    """Return a signal as something that is counted, a trait as anything."""
    name = getattr(leaf, leaf.kind)  # type: ignore[attr-defined] # the tag of every condition
    return name, Domain() if isinstance(leaf, TraitCondition) else COUNT


def can_hold(data: Any) -> bool:
    """Return whether some way of a condition can be gone."""
    return any(not conflict(way) for way in ways(condition(data), subject))


NEVER = [
    [{"signal": "a", "at_least": 3}, {"signal": "a", "less_than": 3}],
    [{"signal": "a", "more_than": 2}, {"signal": "a", "less_than": 3}],
    [{"signal": "a", "less_than": 0}],
    [{"signal": "a", "more_than": 32}],
    [{"signal": "a", "is": 2.5}],
    [{"signal": "a", "at_least": 3}, {"not": {"signal": "a", "at_least": 1}}],
    [{"trait": "p", "is": "x"}, {"trait": "p", "is": "y"}],
    [{"trait": "p", "is": "x"}, {"not": {"trait": "p", "in": ["x", "y"]}}],
    [{"trait": "p", "exists": False}, {"trait": "p", "starts_with": "x"}],
    [{"trait": "p", "starts_with": "ab"}, {"trait": "p", "starts_with": "b"}],
    [{"trait": "p", "starts_with": "ab"}, {"not": {"trait": "p", "contains": "b"}}],
    [{"trait": "p", "at_least": 3}, {"trait": "p", "contains": "3"}],
    [{"trait": "p", "is": True}, {"trait": "p", "is": 1}],
]
SOMETIMES = [
    [{"trait": "p", "exists": False}, {"not": {"trait": "p", "is": "x"}}],
    [{"signal": "a", "at_least": 3}, {"signal": "a", "at_most": 3}],
    [{"signal": "a", "more_than": 1}, {"signal": "a", "less_than": 3}],
    [{"signal": "a", "at_least": 3}, {"signal": "b", "less_than": 3}],
    [{"trait": "p", "more_than": 2}, {"trait": "p", "less_than": 3}],
    [{"trait": "p", "starts_with": "ab"}, {"trait": "p", "starts_with": "abc"}],
    [
        {"trait": "p", "starts_with": "ab"},
        {"trait": "p", "contains": "x"},
        {"not": {"trait": "p", "is": "abx"}},
    ],
    [{"not": {"trait": "p", "at_least": 3}}, {"not": {"trait": "p", "less_than": 3}}],
    [{"trait": "p", "exists": True}, {"not": {"trait": "p", "in": ["x", 1, True]}}],
]


@pytest.mark.parametrize("inside", NEVER, ids=str)
def test_what_excludes_each_other_never_holds_together(inside: list[Any]) -> None:
    """A contradiction is found, however it is written."""
    assert not can_hold({"all": inside})


@pytest.mark.parametrize("inside", SOMETIMES, ids=str)
def test_what_can_hold_together_is_let_be(inside: list[Any]) -> None:
    """No rule is called impossible that is not."""
    assert can_hold({"all": inside})


IMPLICATIONS = [
    ({"signal": "a", "at_least": 10}, {"signal": "a", "at_least": 3}, True),
    ({"signal": "a", "at_least": 3}, {"signal": "a", "at_least": 10}, False),
    ({"signal": "a", "more_than": 2}, {"signal": "a", "at_least": 3}, True),
    ({"trait": "p", "is": "x"}, {"trait": "p", "in": ["x", "y"]}, True),
    ({"trait": "p", "is": "x"}, {"not": {"trait": "p", "is": "y"}}, True),
    ({"trait": "p", "at_least": 1}, {"trait": "p", "exists": True}, True),
    (
        {"all": [{"signal": "a", "at_least": 3}, {"trait": "p", "is": "x"}]},
        {"any": [{"signal": "a", "at_least": 2}, {"signal": "b", "at_least": 9}]},
        True,
    ),
    (
        {"any": [{"signal": "a", "at_least": 3}, {"trait": "p", "is": "x"}]},
        {"signal": "a", "at_least": 2},
        False,
    ),
]


@pytest.mark.parametrize(("strict", "wide", "follows"), IMPLICATIONS, ids=str)
def test_a_lower_bound_follows_from_a_higher_one(strict: Any, wide: Any, *, follows: bool) -> None:
    """Implication goes the one way, and the other only where both say the same."""
    assert follows is implies(ways(condition(strict), subject), ways(condition(wide), subject))


def test_the_ways_agree_with_the_condition_itself() -> None:
    """On random conditions and values, a condition holds exactly where one of its ways does."""
    chance = random.Random(7)  # noqa: S311 - the same cases every time

    def grown(depth: int) -> Any:
        kind = chance.choice(["all", "any", "not", "signal", "trait"] if depth else ["signal", "trait"])
        if kind in ("all", "any"):
            return {kind: [grown(depth - 1) for _ in range(chance.randint(1, 3))]}
        if kind == "not":
            return {"not": grown(depth - 1)}
        if kind == "signal":
            return {
                "signal": chance.choice("ab"),
                chance.choice(["at_least", "less_than", "is"]): chance.randint(0, 4),
            }
        return {
            "trait": "p",
            **chance.choice([{"is": "x"}, {"exists": True}, {"contains": "y"}, {"at_least": 2}]),
        }

    for _ in range(1_000):
        one = condition(grown(3))
        values = {
            "a": chance.randint(0, 5),
            "b": chance.randint(0, 5),
            "p": chance.choice([None, "x", "xy", 3, True]),
        }
        for turned in (False, True):
            found = any(
                all(literal.holds(values[literal.subject]) for literal in way)
                for way in ways(one, subject, turned=turned)
            )
            scope = _Scope()

            assert found is (bool(eval(one.source(scope), scope.names | {"v": values})) is not turned)  # noqa: S307


class _Scope:
    """Reads values by name instead of by place."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}

    def signal(self, name: str) -> str:
        return f"v[{name!r}]"

    trait = score = signal

    def compared(self, name: str, symbol: str, bound: float) -> str:
        return f"{self.signal(name)} {symbol} {bound!r}"

    def is_number(self, name: str) -> bool:
        return name != "p"

    def constant(self, value: Any) -> str:
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name


def test_a_condition_with_too_many_ways_is_not_looked_through() -> None:
    """Ten choices of three are 59,049 ways."""
    choice = {"any": [{"signal": name, "at_least": 1} for name in "abc"]}
    with pytest.raises(TooManyWays):
        ways(condition({"all": [choice] * 10}), subject)
