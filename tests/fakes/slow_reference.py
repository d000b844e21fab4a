"""What signals mean, the slow and obvious way: look at the whole history every time."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from pql.core.event import Event
from pql.core.lead import Scalar
from pql.core.window import DAY
from pql.engine.plan import Plan
from pql.rules.properties import number, words
from pql.rules.signals import Count, Distinct, Latest, Max, Sum


def slow_values(plan: Plan, history: list[Event], clock: int) -> dict[int, Scalar]:
    """Return every signal's value at `clock` by fingerprint."""
    return {slot.fingerprint: _value(slot.signal, history, clock) for slot in plan.signals}


def _value(signal: Any, history: list[Event], clock: int) -> Scalar:
    names = [name.lower().replace(" ", "").replace("_", "") for name in signal.names]
    heard = [
        (one, json.loads(bytes(one.properties)))
        for one in history
        if one.type == signal.type
        and (names == ["any"] or one.name.lower().replace(" ", "").replace("_", "") in names)
    ]
    heard = [
        (e, p)
        for e, p in heard
        if all(p.get(k) == c.equals and type(p.get(k)) is str for k, c in signal.where.items())
    ]
    timely = [(e, p) for e, p in heard if signal.window is None or _inside(signal, e, clock)]
    if isinstance(signal, Count):
        return len(timely)
    if isinstance(signal, Distinct):
        return _distinct(signal, timely)
    if isinstance(signal, Sum):
        amounts = [number(p.get(signal.sum)) for _, p in timely]
        millionths = sum(round(_clamped(a) * 1_000_000) for a in amounts if a is not None)
        total = Fraction(millionths, 1_000_000)
        held = max(-(2**63) + 1, min(2**63 - 1, total))
        return int(held) if held == int(held) else float(held)
    if isinstance(signal, Max):
        numbers = [n for _, p in timely if (n := number(p.get(signal.max))) is not None]
        return max(numbers, default=None)
    assert isinstance(signal, Latest)
    return _latest(signal, heard, clock)


def _latest(signal: Latest, heard: list[tuple[Event, dict[str, Any]]], clock: int) -> Scalar:
    told = [
        (e.time, e.id, e, p[signal.latest])
        for e, p in heard
        if isinstance(p.get(signal.latest), (str, int, float))
    ]
    if not told:
        return None
    _, _, newest, value = max(told, key=lambda one: one[:2])
    if signal.window is not None and not _inside(signal, newest, clock):
        return None
    return number(value) if not isinstance(value, (str, bool)) else value


def _distinct(signal: Distinct, timely: list[tuple[Event, dict[str, Any]]]) -> int:
    who = {
        (e.user or e.anonymous) if signal.distinct == "users" else words(p.get(signal.distinct))
        for e, p in timely
    }
    return min(len(who - {None}), signal.keep)


def _inside(signal: Any, event: Event, clock: int) -> bool:
    return bool(event.time // signal.window.width > clock // signal.window.width - signal.window.buckets)


def _clamped(amount: float) -> float:
    return max(-(2**63) + 1, min(2**63 - 1, amount))


__all__ = ["DAY", "slow_values"]
