"""Observed reports: what a row forgets when it is written makes no difference to what it says."""

from __future__ import annotations

from operator import ne

from pql.core.aggregates.observed import Observed
from pql.core.window import MINUTE, Window

WINDOW = Window(MINUTE, 2)


def test_reports_before_the_window_make_no_floor() -> None:
    """An account that was read again has only the newest of them, and must not say less than before."""
    held = Observed(ne, 3)
    clock = 99 * MINUTE
    since = WINDOW.floor(clock) * MINUTE
    for minute in (10, 20, 98, 99):  # the first two come late, into an account that is far ahead
        held.add(minute * MINUTE, minute, since, minute)
    again = Observed(ne, 3)
    again.unpack(held.packed(clock, WINDOW), clock, WINDOW)

    assert (2, True) == (again.value, again.full)
    assert (again.value, again.full) == (held.value, held.full)


def test_late_reports_alone_make_no_floor() -> None:
    """However many they are, the one that is kept of them is enough to say what the first change was of."""
    held = Observed(ne, 3)
    for minute in (10, 20, 30):
        held.add(minute * MINUTE, minute, 90 * MINUTE, minute)
    held.add(99 * MINUTE, 99, 98 * MINUTE, 99)
    again = Observed(ne, 3)
    again.unpack(held.packed(99 * MINUTE, WINDOW), 99 * MINUTE, WINDOW)

    assert (1, False) == (held.value, held.full) == (again.value, again.full)
