"""Weeks from Monday to Sunday, UTC, as ISO 8601 has them."""

from __future__ import annotations

from collections.abc import Iterable

from pql.core.plain_words import in_utc
from pql.core.window import DAY

WEEK = 7 * DAY
_MONDAY = 4 * DAY  # the first Monday of the epoch, 1970-01-05


def monday(at: int) -> int:
    """Return the beginning (epoch ms) of the week that holds `at`."""
    return at - (at - _MONDAY) % WEEK


def mondays(first: int, last: int) -> list[int]:
    """Return the beginnings of all weeks from that of `first` to that of `last`, empty ones among them."""
    return [*range(monday(first), monday(last) + 1, WEEK)]


def weekly(times: Iterable[int], weeks: list[int]) -> list[int]:
    """Return how many of `times` (epoch ms) fall into each of `weeks`; those outside fall away."""
    counts = [0] * len(weeks)
    for at in times:
        place = (monday(at) - weeks[0]) // WEEK if weeks else -1
        if 0 <= place < len(counts):
            counts[place] += 1
    return counts


def per_week(amount: int, first: int | None, last: int | None) -> float | None:
    """Return the mean of a week between two moments; None for less than a week, which says nothing of one."""
    if first is None or last is None or last - first < WEEK:
        return None
    return amount * WEEK / (last - first)


def name(week: int) -> str:
    """Return the ISO name of a week, such as `2026-W47`."""
    year, number, _ = in_utc(week).isocalendar()
    return f"{year}-W{number:02}"
