"""Wilson's interval, against figures worked out elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.backtest.figures.wilson import Share, lift, share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(hits: int, of: int, low: float, high: float) -> None:
    """Newcombe's four examples come out to the digits he prints."""
    found = share(hits, of)

    assert (low, high) == (round(found.low or 0, 4), round(found.high or 0, 4))


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_a_share_lies_in_its_interval_and_that_between_nothing_and_all(case: tuple[int, int]) -> None:
    """The bounds hold the share, whatever it is."""
    found = share(*case)

    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= case[0] / case[1] <= found.high <= 1


def test_a_share_of_nothing_is_unknown() -> None:
    """Nobody divides by zero, and nobody says 0 %."""
    assert Share(0, 0, None, None, None) == share(0, 0)


def test_lift_is_the_precision_with_its_interval_over_the_base_rate() -> None:
    """Half of ten, where a tenth of all converts, is five times the base rate."""
    found, precision = lift(share(5, 10), share(10, 100)), share(5, 10)

    assert found is not None
    assert precision.low is not None
    assert (5.0, precision.low * 10) == pytest.approx((found.times, found.low))


@pytest.mark.parametrize(("precision", "base"), [((0, 0), (1, 2)), ((1, 2), (0, 9)), ((1, 2), (0, 0))])
def test_no_lift_is_said_where_it_has_no_meaning(precision: tuple[int, int], base: tuple[int, int]) -> None:
    """Without leads, and where nobody converts, there is nothing to compare with."""
    assert lift(share(*precision), share(*base)) is None
