"""Timelines: when each line of a story is, and when a rule must fire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.window import DAY, HOUR, MINUTE
from pql.rules.timeline import Timeline, spoken


def told(line: str, expect: str = "silent") -> Timeline:
    """Return the story of one line."""
    return Timeline.model_validate({"name": "n", "timeline": [line], "expect": expect})


@pytest.mark.parametrize(
    ("when", "offset"),
    [
        ("0d", 0),
        ("2d", 2 * DAY),
        ("5h", 5 * HOUR),
        ("90m", 90 * MINUTE),
        ("1d12h30m", 36 * HOUR + 30 * MINUTE),
    ],
)
def test_a_moment_is_told_in_days_hours_and_minutes(when: str, offset: int) -> None:
    """Of a line, and of a firing, alone or among others."""
    (moment,) = told(f"{when} Report Created").moments()

    assert offset == moment.offset
    assert sorted([DAY, offset]) == told("0d nothing", f"fires at 1d, {when}").expected()


@given(st.integers(0, 9_999 * 1440 + 1439))
def test_a_moment_is_written_as_it_is_read(minutes: int) -> None:
    """A failing test names it as whoever mends it would type it."""
    (moment,) = told(f"{spoken(minutes * MINUTE)} Report Created").moments()

    assert minutes * MINUTE == moment.offset


@pytest.mark.parametrize(
    ("line", "name", "times", "by"),
    [
        ("0d Report Created", "Report Created", 1, "ada"),
        ("0d Report Created x9999 by ben", "Report Created", 9_999, "ben"),
        ("0d Report Created x10000", "Report Created x10000", 1, "ada"),
        ("0d Signed by ben x2", "Signed by ben", 2, "ada"),
    ],
)
def test_a_line_says_what_how_often_and_who(line: str, name: str, times: int, by: str) -> None:
    """In this order, and at most 9,999 times; what is in another order is part of the name."""
    (moment,) = told(line).moments()

    assert (name, times, by) == (moment.name, moment.times, moment.by)
