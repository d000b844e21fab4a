"""Folds by time: what is learned from was known before what it is tried on."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pql.backtest.calibrate.time_folds import LEAST, Rows, blocks, hold_out, walk

SUBJECTS = st.lists(st.tuples(st.integers(0, 300), st.booleans()), min_size=1, max_size=200)


def rows(subjects: list[tuple[int, bool]]) -> Rows:
    """Return subjects by the day they came of age, each with its number as the only column."""
    ordered = sorted(subjects)
    at = np.array([day for day, _ in ordered], dtype=np.int64)
    return Rows(
        at, np.arange(len(ordered), dtype=float)[:, None], np.array([float(one) for _, one in ordered])
    )


@given(SUBJECTS, st.integers(0, 120), st.integers(2, 6))
def test_every_outcome_learned_from_was_known_before(
    subjects: list[tuple[int, bool]], within: int, count: int
) -> None:
    """Unless it is said that they overlap; and even then those learned from came first."""
    for older, newer, overlaps in walk(rows(subjects), within, count):
        assert min(older.converts.sum(), len(older.converts) - older.converts.sum()) >= LEAST
        assert older.at.max() < newer.at.min()
        assert overlaps or older.at.max() + within <= newer.at.min()


@given(SUBJECTS, st.integers(1, 6))
def test_blocks_part_all_subjects_between_moments(subjects: list[tuple[int, bool]], count: int) -> None:
    """Who came of age at the same moment is in the same block."""
    found = rows(subjects)
    edges = blocks(found, count)

    assert (0, len(found.at)) == (edges[0], edges[-1])
    assert all(found.at[edge - 1] < found.at[edge] for edge in edges[1:-1])


def test_the_newest_are_held_out() -> None:
    """The last two of six blocks have a third of all conversions, and are tried on once."""
    found = rows([(day, converts) for day in range(300) for converts in (False, True)])
    split = hold_out(found, 30, 6, 2)

    assert split is not None
    assert (2 * 100, 2 * (200 - 29)) == (len(split.newer.at), len(split.older.at))
