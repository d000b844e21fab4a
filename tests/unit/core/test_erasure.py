"""Whom to erase: which words are theirs alone."""

from __future__ import annotations

import pytest

from fakes.leads import northwind
from pql.core.erasure import ERASED, Whom, scrubbed
from pql.core.lead import Person


@pytest.mark.parametrize(
    ("word", "certain"),
    [
        ("a@b", True),
        ("Ada Lovelace", True),
        ("user-123", True),
        ("user-12", False),
        ("somebody", False),
        (" admin ", False),
    ],
)
def test_a_word_is_certain_that_nobody_else_would_use(word: str, *, certain: bool) -> None:
    """An address, two words, an id of eight characters with a digit; not what a plan may be called."""
    assert certain is (word in Whom(words=frozenset({word})).certain)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("anna", f"{ERASED} and annabel"),
        ("abel", "Anna and annabel"),
        ("and", "Anna and annabel"),
        ("anna and", f"{ERASED} annabel"),
    ],
)
def test_a_text_loses_whole_words_of_four_letters_and_more(word: str, told: str) -> None:
    """In whatever case; a shorter one stands in too many others."""
    whom = Whom(keys=frozenset({"u:ada"}), words=frozenset({word}))
    lead = northwind(reason="Anna and annabel", people=[Person("ada", 1, 0)])

    assert told == scrubbed(lead, whom).reason
