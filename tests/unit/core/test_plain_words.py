"""Plain words: numbers, times and comparisons as people say them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.clean_text import cleaned, cut
from pql.core.plain_words import (
    ago,
    aside,
    compared,
    counted,
    day,
    epoch,
    in_utc,
    iso,
    measured,
    number,
    ordinal,
    said,
    signed,
    times,
)

MINUTE = 60_000
NOW = 1_795_316_400_000


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (12_500, "12,500"),
        (3.0, "3"),
        (12.5, "12.5"),
        (1234.567, "1,234.57"),
        (-0.1, "-0.1"),
        (0.0004, "0.0004"),
        (0.0049, "0.0049"),
        (0.006, "0.01"),
        (10**15 - 1, "999,999,999,999,999"),
        (10**15, "1e+15"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_readable(value: float, words: str) -> None:
    """Thousands apart, two decimals at most, and never a line full of digits."""
    assert words == number(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing"), (True, "true"), (False, "false"), ("a", "a"), ([1, "b", None], "1, b, nothing")],
)
def test_every_value_has_words(value: Any, words: str) -> None:
    """Nothing is shown the way a programming language writes it."""
    assert words == said(value)


@pytest.mark.parametrize(
    ("test", "threshold", "words"),
    [("at least", 3, "at least 3"), ("is present", True, "is present"), ("is absent", False, "is absent")],
)
def test_comparisons_read_as_sentences(test: str, threshold: Any, words: str) -> None:
    """What is present needs no second half."""
    assert words == compared(test, threshold)


SO_MANY = {
    "reports created": ("1 more report created", "3 more reports created"),
    "active users": ("1 more active user", "3 more active users"),
    "people": ("1 more person", "3 more people"),
    "people with any event": ("1 more person with any event", "3 more people with any event"),
    "ways from carts to checkouts": (
        "1 more way from carts to checkouts",
        "3 more ways from carts to checkouts",
    ),
    "companies": ("1 more company", "3 more companies"),
    "mailboxes": ("1 more mailbox", "3 more mailboxes"),
    "data limit reached": ("data limit reached: once more", "data limit reached: 3 more times"),
    "access granted": ("access granted: once more", "access granted: 3 more times"),
    "Report Created": ("Report Created: once more", "Report Created: 3 more times"),
}


@pytest.mark.parametrize(("nouns", "words"), SO_MANY.items())
def test_one_is_not_several(nouns: str, words: tuple[str, str]) -> None:
    """What is counted is named in the number that it is in; what names no things happens so many times."""
    assert words == (times(1, nouns, more=True), times(3, nouns, more=True))


ASIDES = [
    ("at least", 3, True, " (at least 3)"),
    ("at least", 3, False, " (at least 3)"),
    ("is", "trial", True, ""),
    ("is", "trial", False, " (must be trial)"),
    ("is not", True, True, " (is not true)"),
    ("is not", True, False, " (must not be true)"),
    ("is present", True, False, " (must be present)"),
]


@pytest.mark.parametrize(("test", "threshold", "met", "words"), ASIDES)
def test_what_a_value_was_held_against_is_no_riddle(
    test: str,
    threshold: Any,
    met: Any,
    words: str,
) -> None:
    """It says nothing that the value says already, and what is not met is a demand."""
    assert words == aside(test, threshold, met=met)


def test_a_share_is_said_in_percent() -> None:
    """As far as it is a number."""
    assert ["80 %", "0.8", "nothing"] == [measured(0.8, "%"), measured(0.8, None), measured(None, "%")]


def test_a_date_is_said_as_a_day() -> None:
    """As somebody wrote it, in UTC; what only looks like one stays as it is."""
    dates = ["2026-11-24T08:55:18.946+00:00", "2026-11-24", "2026-11-24T23:30:00-05:00"]
    others = ["2026-11-2467", "20261124", "2026-13-45", 1_795_316_400, True, None]

    assert ["24 Nov 2026", "24 Nov 2026", "25 Nov 2026"] == [day(one) for one in dates]
    assert others == [day(one) for one in others]


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (-MINUTE, "just now"),
        (MINUTE - 1, "just now"),
        (MINUTE, "1 min ago"),
        (60 * MINUTE, "1 h ago"),
        (1_440 * MINUTE, "1 day ago"),
        (2_880 * MINUTE, "2 days ago"),
    ],
)
def test_the_past_is_told_in_its_largest_unit(passed: int, words: str) -> None:
    """Minutes, then hours, then days; a clock ahead of ours is now."""
    assert words == ago(NOW - passed, NOW)


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_a_moment_survives_being_written(at: int) -> None:
    """What `iso` writes, `epoch` reads, to the millisecond."""
    assert at == epoch(iso(at))


@given(st.integers())
def test_no_moment_is_unspeakable(at: int) -> None:
    """Times beyond the calendar are held at its ends."""
    assert 1 <= in_utc(at).year <= 9999


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (21, "21st"),
        (113, "113th"),
    ],
)
def test_positions_end_as_they_should(position: int, words: str) -> None:
    """Eleven to thirteen are the exceptions."""
    assert words == ordinal(position)


def test_amounts_agree_with_their_nouns() -> None:
    """One event, two events; points carry their sign."""
    assert ("1 event", "0 events") == (counted(1, "event"), counted(0, "event"))
    assert ("+25", "-5") == (signed(25.0), signed(-5.0))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a\r\n\tb  ", "a b"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\x00b\x1b[31m", "a b [31m"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("a\U000e0041b\u2066c", "abc"),
        ("\u2028", ""),
    ],
)
def test_text_of_strangers_is_cleaned(text: str, clean: str) -> None:
    """One line, nothing hidden; joined emoji stay whole."""
    assert clean == cleaned(text)


def test_a_cut_shows() -> None:
    """An ellipsis stands where something is missing, inside the limit."""
    assert ("abc", "ab…") == (cut("abc", 3), cut("abcd", 3))
