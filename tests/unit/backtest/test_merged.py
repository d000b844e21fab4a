"""Courses of several shards as one: what each counted adds up, what each read is told once."""

from __future__ import annotations

from pql.backtest.course import Course
from pql.backtest.rerun.merged import PLACES, merged


def test_what_all_have_read_is_told_once_and_what_each_counted_adds_up() -> None:
    """Every shard reads all lines, and counts the events of its own subjects."""
    places = [f"e.jsonl:{line}: is no JSON object" for line in range(PLACES - 1)]
    one = Course(["b", "a"], 5, 8, counted=3, repeats=1, late=2, unread=7, cooled={"a": 1}, places=places)
    other = Course(
        ["b", "a"], 4, 9, counted=4, repeats=2, late=1, unread=7, cooled={"b": 2, "a": 1}, places=places
    )
    found = merged([one, other, Course(["b", "a"], unread=7, places=places)])

    assert (4, 9) == (found.first, found.last)
    assert (7, 3, 3) == (found.counted, found.repeats, found.late)
    assert (7, places) == (found.unread, found.places)
    assert [("b", 2), ("a", 2)] == [*found.cooled.items()]
