"""Windows are whole buckets, and so many of them at most."""

from __future__ import annotations

import pytest

from pql.core.window import DAY, HOUR, MINUTE, Window, duration, window


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", Window(MINUTE, 30)),
        ("1440m", Window(MINUTE, 1440)),
        ("24h", Window(HOUR, 24)),
        ("7d", Window(DAY, 7)),
    ],
)
def test_a_window_is_told_by_its_unit(text: str, expected: Window) -> None:
    """Minutes, hours and days each have buckets of their own width."""
    assert expected == window(text)


@pytest.mark.parametrize("text", ["1441m", "745h", "401d"])
def test_a_window_has_a_bounded_number_of_buckets(text: str) -> None:
    """What an account holds is bounded, whatever the unit."""
    with pytest.raises(ValueError, match=f"expected at most 1440m, 744h or 400d, got '{text}'"):
        window(text)


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "07d", "7w", "1.5h", "-1d", "7d ", "7D", "99999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A number and a unit, and nothing else."""
    with pytest.raises(ValueError, match="expected a number of days, hours or minutes such as"):
        duration(text)


def test_a_duration_is_told_in_milliseconds() -> None:
    """Whatever its unit."""
    assert (30 * MINUTE, 12 * HOUR, 30 * DAY) == (duration("30m"), duration("12h"), duration("30d"))


def test_a_bucket_counts_until_the_window_has_moved_past_it() -> None:
    """It is the oldest that counts until the moment it leaves, and not at that moment."""
    half_an_hour = window("30m")
    bucket = half_an_hour.bucket(1_000 * MINUTE)
    leaves = half_an_hour.leaves(bucket)

    assert bucket == half_an_hour.floor(leaves - 1)
    assert bucket < half_an_hour.floor(leaves)


def test_clocks_that_are_ahead_fill_a_day_more_of_buckets() -> None:
    """Counted times lie up to a day in the future: that much more may be held."""
    assert [30 + 1440, 24 + 24, 7 + 1] == [window(text).held for text in ("30m", "24h", "7d")]
