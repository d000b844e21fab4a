"""Usage: how often each user did something, and what a crowd costs."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from pql.core.aggregates import Usage
from pql.core.window import DAY, Window


class Hash(int):
    """A user's hash that notes how often it is held against another."""

    compared: ClassVar[int] = 0

    def __gt__(self, other: int) -> bool:
        """Return whether it is higher."""
        Hash.compared += 1
        return int(self) > int(other)


def test_whoever_is_not_followed_is_held_against_one_and_not_against_all() -> None:
    """A hundred are followed, and of a thousand others each costs a look."""
    usage = Usage(keep=100)
    for user in range(100):
        usage.add(Hash(user), 1)
    Hash.compared = 0

    for user in range(1_000):
        usage.add(Hash(1_000 + user), 1)

    assert (1_100, 100, True) == (usage.total, len(usage.counts), Hash.compared < 1_200)


@given(done=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=40), slid=st.booleans())
def test_those_who_lead_are_those_with_most_of_all_that_is_left(
    done: list[tuple[int, int]], *, slid: bool
) -> None:
    """Whoever is asked for in between, in a crowd, and when buckets have left."""
    usage, cells = Usage(keep=3), dict[int, Counter[int]]()
    for user, bucket in done:
        usage.add(user, bucket)
        assert usage.top >= 1
        cells.setdefault(bucket, Counter())[user] += 1
    if slid:
        usage.slide(9 * DAY, Window(DAY, 4))
        cells = {bucket: cell for bucket, cell in cells.items() if bucket > 5}

    counts = Counter[int]()
    for cell in cells.values():
        counts.update({user: cell[user] for user in sorted(cell)[:3]})
    most = max(counts.values(), default=0)

    assert ({user for user, times in counts.items() if times == most}, most) == (usage.leaders, usage.top)
    assert sum(cell.total() for cell in cells.values()) == usage.total
