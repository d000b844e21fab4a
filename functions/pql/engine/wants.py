"""One thing that an account still wants, and how a person would say it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pql.core.lead import Scalar
from pql.core.plain_words import calendar, counted, said
from pql.core.window import DAY, HOUR, MINUTE
from pql.rules.comparison import is_number
from pql.rules.signals.signal import Signal

Kind = Literal["more", "rise", "fall", "change", "wait", "lead", "points", "all"]


class Want(msgspec.Struct, frozen=True):
    """One thing that must become true, in `words`.

    `kind` says how: so many `more` of what is counted; a number must `rise` or `fall`; a value must
    `change`; `wait`, for at `at` time alone brings it; a `lead` by another rule; `points` of a score,
    of which `parts` are the cheapest that bring them; `all` of some parts at once. `of` names the
    signal, trait, score or rule, `value` is what it is and `by` how much is missing. `until` is how long
    all that there is of the way still counts (both epoch ms), `points` what it brings a score. What is
    not `possible` can never become true by anything that the account does.
    """

    kind: Kind
    words: str
    of: str
    value: Scalar = None
    by: float | None = None
    until: int | None = None
    at: int | None = None
    points: float | None = None
    parts: list[Want] = []
    possible: bool = True


def ahead(at: int, now: int) -> str:
    """Return how far ahead a moment is, and when: `in 4 days, on 26 Nov 2026, 00:00 UTC`.

    Neither is too early: who comes back then finds it so.
    """
    return f"in {_wait(at - now)}, on {calendar(full_minute(at))}"


def full_minute(at: int) -> int:
    """Return the first full minute that is not before a moment: what is said to the minute is so by then."""
    return -(-at // MINUTE) * MINUTE


def soon(until: int, now: int) -> str:
    """Return before when something is to be done: `in the next 3 days`, `in the next hour`."""
    told = span(until - now)
    return f"in {told}" if told.startswith("less") else f"in the next {told.removeprefix('1 ')}"


def _wait(passing: int) -> str:
    """Return how long it is, and never less: `3 days and 1 hour` for all that is more than three days."""
    for unit, name, most in ((MINUTE, "minute", 59), (HOUR, "hour", 47)):
        if (units := -(-passing // unit)) <= most:
            return counted(units, name)
    days, hours = divmod(-(-passing // HOUR), 24)
    return counted(days, "day") + (f" and {counted(hours, 'hour')}" if hours else "")


def span(passing: int) -> str:
    """Return how long it is, in whole units and never more than it is."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if passing >= unit * (2 if unit == DAY else 1):
            return counted(passing // unit, name)
    return "less than a minute"


def now_words(value: Scalar, signal: Signal | None = None) -> str:
    """Return what a value, of a signal if there is one, is now, as an aside."""
    if value is None:
        return "it is not known" if signal is None else signal.nothing
    return f"it is {said(value)}"


def missing(value: Any, bound: Any) -> float | None:
    """Return how much is missing of a bound, None if either is no number."""
    return float(bound - value) if is_number(value) and is_number(bound) else None
