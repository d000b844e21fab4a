"""Steps: when a sequence says that more may have completed it than it knows of."""

from __future__ import annotations

import pytest

from pql.core.aggregates.steps import Steps
from pql.core.window import Window

DAY = Window(1000, 10)


def taken(*steps: tuple[int, int]) -> Steps:
    """Return steps of two, no further apart than 500 ms, of each of which two are kept."""
    held = Steps(2, 500, keep=2)
    for step, time in steps:
        held.add(1 << step, time, DAY.bucket(time))
    return held


@pytest.mark.parametrize(
    ("steps", "is_full"),
    [
        pytest.param([(0, 1), (1, 2)], False, id="all kept"),
        pytest.param([(0, 1), (1, 2), (1, 3)], True, id="a last one may be gone"),
        pytest.param([(0, 1), (0, 2), (0, 3)], False, id="nothing ended"),
        pytest.param([(0, 1), (0, 4), (1, 3), (0, 5)], True, id="the one before it is gone"),
        pytest.param([(0, 1), (0, 2), (0, 3), (1, 4)], False, id="the ones before it are known"),
        pytest.param([(0, 1), (0, 2), (1, 900)], False, id="what is gone was too early"),
    ],
)
def test_more_may_have_completed_only_where_a_last_step_leads_out_of_what_is_kept(
    steps: list[tuple[int, int]], *, is_full: bool
) -> None:
    """The answer is that of a row written and read again, which keeps nothing that leads to no end."""
    held, again = taken(*steps), taken()
    again.unpack(held.packed(1000, DAY), 1000, DAY)

    assert is_full == held.full == again.full
