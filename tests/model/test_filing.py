"""How ids are kept, exhaustively: packed buckets, refinement, expiry and lateness."""

from __future__ import annotations

import os

import pytest

from model.checker import Verdict, explore
from model.filing import Care, Filing, Id

# Ids, how many of them fit into the row, how many ticks there are, and how many ids are left pending.
SCOPES: dict[str, tuple[tuple[Id, ...], int, int, int]] = {
    "two buckets at once": ((Id(0, 1), Id(2, 2), Id(2, 1)), 2, 1, 0),
    "one that waits for company": ((Id(0, 2), Id(2, 2), Id(2, 1)), 2, 1, 1),
    "a hot account": ((Id(0, 2), Id(0, 1), Id(0, 1)), 1, 0, 0),
    "old copies": ((Id(0, 2), Id(0, 1)), 1, 4, 0),
    "a clock that is behind": ((Id(1, 2, behind=3), Id(2, 1)), 1, 4, 0),
}
LARGE: dict[str, tuple[tuple[Id, ...], int, int, int]] = {
    "a very hot account": ((Id(0, 2), Id(0, 1), Id(0, 1), Id(0, 1)), 1, 0, 0),
    "two that wait": ((Id(0, 2), Id(0, 1), Id(1, 1), Id(2, 1)), 3, 2, 2),
    "two and two": ((Id(0, 2), Id(0, 1), Id(2, 1), Id(2, 1)), 2, 2, 0),
    "old copies of many": ((Id(2, 1), Id(3, 2), Id(3, 1)), 1, 5, 0),
    "a bucket that fills slowly": ((Id(2, 1), Id(2, 1), Id(3, 2), Id(3, 1)), 1, 5, 0),
}
WITHOUT = {
    "files_before_it_commits": "two buckets at once",
    "files_every_bucket": "two buckets at once",
    "keeps_what_it_does_not_file": "one that waits for company",
    "notes_that_it_filed": "two buckets at once",
    "files_where_readers_look": "two buckets at once",
    "asks_again_for_the_unprocessed": "two buckets at once",
    "looks_at_every_grain": "a very hot account",
    "commits_the_grain": "a very hot account",
    "refuses_the_late": "old copies",
    "bounds_the_dwell": "old copies",
    "keeps_from_the_writing": "a clock that is behind",
    "keeps_ids_long_enough": "old copies of many",
}
large = pytest.mark.skipif(os.environ.get("PQL_MODEL") != "large", reason="minutes: PQL_MODEL=large")


def verdict(name: str, care: Care, workers: int) -> Verdict:
    """Return what the checker finds."""
    ids, room, last, stay = {**SCOPES, **LARGE}[name]
    model = Filing(ids, room, last, care, stay)
    return explore(model.start(workers), model.steps, model.fault, model.finished)


@pytest.mark.parametrize("name", SCOPES)
def test_ids_are_found_for_as_long_as_copies_come(name: str) -> None:
    """Two workers, any clock, any expiry: nothing lost, nothing twice, nothing stuck."""
    found = verdict(name, Care(), 2)

    assert (None, ()) == (found.fault, found.trace)


@pytest.mark.parametrize("precaution", WITHOUT)
def test_no_precaution_is_idle(precaution: str) -> None:
    """Without any one of them one worker that may crash is enough to count twice."""
    assert "counted twice" == verdict(WITHOUT[precaution], Care(**{precaution: False}), 1).fault


@large
@pytest.mark.parametrize("name", LARGE)
def test_more_ids_and_more_time_add_nothing(name: str) -> None:
    """Four ids, up to five ticks, and one worker that may crash: two have millions of states."""
    assert verdict(name, Care(), 1).fault is None


@large
def test_a_bucket_that_is_written_again_must_live_longer() -> None:
    """Who keeps the first expiry of a bucket forgets what was filed in it last."""
    assert "counted twice" == verdict("a bucket that fills slowly", Care(renews_the_bucket=False), 1).fault
