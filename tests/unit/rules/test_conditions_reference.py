"""Conditions of every kind, one inside another, hold where a plain reading of them does.

`PQL_HISTORIES=10000` looks at that many conditions, each with a history of its own.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.engine.state import pack, unpack
from pql.engine.step import slide, step
from pql.rules import conditions
from pql.rules.tagged import kind_of

HISTORIES = int(os.environ.get("PQL_HISTORIES", "200"))
SUBJECT = "a:acme"
VALUES = ("free", "pro", "freemium", "3", 0, 3, 3.5, 10, True, False)
ORDER = {
    "at_least": lambda value, bound: value >= bound,
    "more_than": lambda value, bound: value > bound,
    "at_most": lambda value, bound: value <= bound,
    "less_than": lambda value, bound: value < bound,
}
ELSEWHERE = {"score", "forecast"}  # test_scores_reference.py and test_forecast_reference.py
RULES = """\
signals: {{a: {{count: A, within: 3d}}, b: {{count: [A, B]}}, l: {{latest: v, of: any}}}}
rules:
  r: {{when: {when}, title: t, reason: r}}
  other: {{when: {other}, title: t, reason: r}}
"""


def leaf(rnd: random.Random) -> dict[str, Any]:
    """Return a condition with none inside."""
    bound = {rnd.choice([*ORDER]): rnd.choice([0, 0.5, 1, 2, 3, 3.5])}
    held = rnd.choice(
        [
            bound,
            {"is": rnd.choice(VALUES)},
            {"in": rnd.sample(VALUES, 2)},
            {"exists": rnd.random() < 0.5},
            {"starts_with": rnd.choice(["f", "free", "3"])},
            {"contains": rnd.choice(["r", "mium"])},
        ]
    )
    days = f"{rnd.randint(1, 4)}d"
    return rnd.choice(
        [
            {"signal": rnd.choice("ab"), **bound},
            {"signal": "l", **held},
            {"trait": rnd.choice("pq"), **held},
            {"until": "d", "at_most": days},
            {"since": "d", rnd.choice(["at_least", "at_most"]): days},
            {"ratio": "a", **rnd.choice([{"to_trait": "q"}, {"to_signal": "b"}]), **bound},
            {"rule": "other"},
        ]
    )


def tree(rnd: random.Random, depth: int) -> dict[str, Any]:
    """Return a condition with others inside, some levels deep."""
    kind = rnd.choice(["all", "any", "not", "leaf"]) if depth else "leaf"
    if kind == "leaf":
        return leaf(rnd)
    inside = [tree(rnd, depth - 1) for _ in range(rnd.randint(1, 3))]
    return {kind: inside[0] if kind == "not" else inside}


def numeric(value: Any) -> bool:
    """Return whether a value is a number, which true is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def passes(told: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value passes the one comparison among these keys."""
    ((how, bound),) = [(key, one) for key, one in told.items() if key in {*ORDER, *TEXTUAL}]
    return (
        ORDER[how](value, bound) if how in ORDER and numeric(value) else TEXTUAL.get(how, never)(value, bound)
    )


def never(_value: Any, _bound: Any) -> bool:
    """Return what holds of a value of another kind than its bound."""
    return False


def alike(value: Any, bound: Any) -> bool:
    """Return whether both are the same; true is not 1, and "3" is not 3."""
    return value == bound and numeric(value) is numeric(bound)


TEXTUAL = {
    "is": alike,
    "in": lambda value, bound: any(alike(value, one) for one in bound),
    "exists": lambda value, bound: (value is not None) is bound,
    "starts_with": lambda value, bound: isinstance(value, str) and value.startswith(bound),
    "contains": lambda value, bound: isinstance(value, str) and bound in value,
}


def holds(told: Mapping[str, Any], known: Mapping[str, Any], now: int) -> bool:
    """Return whether a condition, as it is written, holds of what is known of an account."""
    away = None if known["d"] is None else known["d"] - now
    match told:
        case {"all": inside}:
            return all(holds(one, known, now) for one in inside)
        case {"any": inside}:
            return any(holds(one, known, now) for one in inside)
        case {"not": inside}:
            return not holds(inside, known, now)
        case {"until": _, "at_most": days}:
            return away is not None and 0 < away <= int(days[:-1]) * DAY
        case {"since": _, "at_least": days}:
            return away is not None and -away >= int(days[:-1]) * DAY
        case {"since": _, "at_most": days}:
            return away is not None and 0 <= -away <= int(days[:-1]) * DAY
        case {"ratio": name, "to_trait": by} | {"ratio": name, "to_signal": by}:
            below = 3 if known[by] == "3" else known[by]
            return numeric(below) and below > 0 and passes(told, known[name] / below)
        case {"rule": _}:
            return holds(known["other"], known, now)
    return passes(told, known[told.get("signal") or told["trait"]])


def test_a_condition_holds_where_a_plain_reading_of_it_does() -> None:
    """Folded event by event, or stored and read again; both answers come up often."""
    found = 0
    for number in range(HISTORIES):
        rnd = random.Random(number)  # noqa: S311 - no secret
        when, other = tree(rnd, 3), next(one for _ in range(99) if "rule" not in (one := leaf(rnd)))
        plan = plan_of(RULES.format(when=json.dumps(when), other=json.dumps(other)))
        account, times = plan.account(SUBJECT), sorted(rnd.sample(range(0, 14 * DAY, HOUR), 9))
        known: dict[str, Any] = {"p": None, "q": None, "d": None, "l": None, "other": other}
        done: list[tuple[int, str]] = []
        for place, at in enumerate(times):
            key = rnd.choice("pqdlll")
            known[key] = rnd.choice(VALUES)
            if key == "l":
                done.append((START + at, rnd.choice("AB")))
                step(plan, account, event(place, done[-1][1], at=at, properties={"v": known[key]}))
                continue
            said = known[key]
            if key == "d":
                # Many a date is just as near, or as long ago, as it may be in the end.
                known[key] = START + times[-1] + rnd.randint(-4, 4) * rnd.choice([HOUR, DAY])
                said = datetime.fromtimestamp(known[key] / 1000, UTC).isoformat()
            step(plan, account, group(str(place), at=at, **{key: said}))
        now = START + times[-1]
        known["a"] = sum(name == "A" and now // DAY - at // DAY < 3 for at, name in done)
        known["b"] = len(done)
        stored = unpack(plan, SUBJECT, pack(plan, account))
        slide(plan, account, now)
        expected = (number, when, holds(when, known, now))
        found += expected[-1]

        for one in (account, stored):
            assert expected == (number, when, bool(plan.verdict(one.values, now) & 1))

    assert HISTORIES / 5 < found < HISTORIES * 4 / 5


def test_no_condition_goes_without_a_reference() -> None:
    """Whoever adds one adds it to the tree, or to a reference of its own."""
    rnd = random.Random(1)  # noqa: S311 - no secret
    grown = {next(iter(one)) for _ in range(200) for one in (leaf(rnd), tree(rnd, 1))}

    assert {kind_of(one) for one in get_args(conditions.Kinds)} == grown | ELSEWHERE
