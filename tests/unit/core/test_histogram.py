"""A histogram says what its buckets hold, and what it has said stays said."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pql.core.aggregates import Histogram
from pql.core.aggregates.histogram import Columns
from pql.core.window import DAY, Window

WEEK = Window(DAY, 7)
ADDED = st.tuples(st.just("add"), st.integers(0, 20))
DONE = st.one_of(ADDED, ADDED, st.tuples(st.sampled_from(["slide", "pack", "merge"]), st.integers(0, 20)))


def dated(columns: Columns, here: int) -> tuple[int, int]:
    """Return how many there are up to a bucket, and behind it."""
    behind = columns.since(here + 1)
    return sum(columns.amounts) - sum(behind.amounts), sum(behind.amounts)


@given(st.lists(DONE, max_size=30))
def test_it_holds_what_was_added_and_has_not_left(done: list[tuple[str, int]]) -> None:
    """In whatever order buckets come, and whatever is asked in between; what was read before is as it was."""
    histogram, held = Histogram(), Counter[int]()
    read = []
    for what, bucket in done:
        if what == "add":
            histogram.add(1, bucket)
            held[bucket] += 1
        elif what == "slide":
            histogram.slide(bucket * DAY, WEEK)
            held = Counter({one: times for one, times in held.items() if one > bucket - 7})
        elif what == "merge":
            other = Histogram()
            other.add(2, bucket)
            histogram.merge(other)
            held[bucket] += 2
        else:
            histogram.packed(bucket * DAY, WEEK)
        expected = sorted(held.items())
        assert expected == [*histogram.held]
        for here in (bucket, bucket, 10):
            behind = sum(times for one, times in expected if one > here)
            assert (held.total() - behind, behind) == histogram.held.weighed(dated, here)
        read.append((histogram.held, expected))

    assert [expected for _, expected in read] == [[*one] for one, _ in read]
    assert [bool(expected) for _, expected in read] == [bool(one) for one, _ in read]


@given(st.lists(st.integers(0, 5), max_size=8), st.randoms(use_true_random=False))
def test_what_holds_the_same_is_the_same(buckets: list[int], chance: object) -> None:
    """Whichever bucket was added to last."""
    shuffled = buckets[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    one, other, more = Histogram(), Histogram(), Histogram()
    for added, histogram in ((buckets, one), (shuffled, other), ([*buckets, 3], more)):
        for bucket in added:
            histogram.add(1, bucket)

    assert (True, True, False) == (
        one.held == other.held,
        hash(one.held) == hash(other.held),
        one.held == more.held,
    )
