"""Numbers, times and comparisons as a person would say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pql.core.lead import Scalar

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# The years 0001 to 9999 in epoch milliseconds: what datetime can say.
EARLIEST, LATEST = -62_135_596_800_000, 253_402_300_799_999


def number(value: float) -> str:
    """Return a number with thousands separated and at most two decimals, as in `12,500.5`.

    From a quadrillion on, and where two decimals would show nothing, in scientific notation.
    """
    if abs(value) >= 1e15 or 0 < abs(value) < 0.005:
        return f"{value:.4g}"
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def said(value: Scalar | Sequence[Scalar]) -> str:
    """Return any value in words; nothing is `none`, a list is separated by commas."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return value
    return ", ".join(said(one) for one in value)


def compared(test: str, threshold: Scalar | Sequence[Scalar]) -> str:
    """Return what a value was held against: `at least 3`, `is one of trial, free`, `is present`."""
    if test in {"is present", "is absent"}:
        return test
    return f"{test} {said(threshold)}"


def counted(amount: float, noun: str) -> str:
    """Return `1 event`, `2 events`."""
    return f"{number(amount)} {noun}" if amount == 1 else f"{number(amount)} {noun}s"


def ordinal(position: int) -> str:
    """Return `1st`, `2nd`, `11th`."""
    if position % 100 in {11, 12, 13}:
        return f"{number(position)}th"
    return number(position) + {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")


def signed(points: float) -> str:
    """Return points as they are added: `+25`, `-5`."""
    return f"+{number(points)}" if points >= 0 else number(points)


def ago(then: int, now: int) -> str:
    """Return how long before `now` something was, in its largest whole unit."""
    passed = now - then
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE} min ago"
    if passed < DAY:
        return f"{passed // HOUR} h ago"
    return f"{counted(passed // DAY, 'day')} ago"


def moment(at: int) -> datetime:
    """Return epoch milliseconds as UTC, held inside the years that datetime knows."""
    seconds, millis = divmod(min(max(at, EARLIEST), LATEST), SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=millis * 1_000)


def iso(at: int) -> str:
    """Return epoch milliseconds as ISO 8601 in UTC, to the millisecond."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(text: str) -> int:
    """Return the epoch milliseconds of what `iso` wrote."""
    then = datetime.fromisoformat(text)
    return int(then.replace(microsecond=0).timestamp()) * SECOND + then.microsecond // 1_000


def calendar(at: int) -> str:
    """Return a day and time for people: `22 Nov 2026, 03:10 UTC`."""
    then = moment(at)
    return f"{then.day} {then:%b %Y, %H:%M} UTC"
