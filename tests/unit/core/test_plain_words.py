"""Plain words: numbers, times and comparisons as people say them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.clean_text import cleaned, cut
from pql.core.plain_words import ago, compared, counted, epoch, iso, moment, number, ordinal, said, signed

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
        (1e300, "1e+300"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_readable(value: float, words: str) -> None:
    """Thousands apart, two decimals at most, and never a line full of digits."""
    assert words == number(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "none"), (True, "yes"), (False, "no"), ("a", "a"), ([1, "b", None], "1, b, none")],
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
    assert 1 <= moment(at).year <= 9999


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
