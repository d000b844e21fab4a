"""Whether a change of points can be seen in the leads."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from pql.backtest.calibrate.same_leads import same_leads
from pql.backtest.course import Course, Qualified

ADA = Qualified("hot", "a:ada", 1, 5, tier="hot", score_name="fit", score=40)
BEN = Qualified("hot", "a:ben", 1, 7, tier="hot", score_name="fit", score=60)
CLOE = Qualified("warm", "a:cloe", 1, 9, tier="warm", score_name="fit", score=10)


def of(leads: Sequence[Qualified]) -> Course:
    """Return a course with these leads."""
    return Course(["hot", "warm"], qualified=[*leads])


def but(one: Qualified, **changes: object) -> Qualified:
    """Return a lead that is another."""
    return msgspec.structs.replace(one, **changes)


@pytest.mark.parametrize(
    "leads",
    [
        [ADA, BEN, CLOE],
        [BEN, CLOE, ADA],
        [but(ADA, score=5), but(BEN, score=6), but(CLOE, score=95)],
        [ADA, BEN, CLOE, but(ADA, subject="a:dan", suppressed=True)],
    ],
)
def test_other_numbers_in_the_same_order_are_the_same_leads(leads: list[Qualified]) -> None:
    """Rules are ordered each for itself, and what a bar held back is no lead."""
    assert same_leads(of([ADA, BEN, CLOE]), of(leads))


@pytest.mark.parametrize(
    "leads",
    [
        [ADA, BEN],
        [ADA, BEN, CLOE, but(CLOE, cycle=2)],
        [but(ADA, at=6), BEN, CLOE],
        [but(ADA, tier="warm"), BEN, CLOE],
        [but(ADA, subject="a:dan"), BEN, CLOE],
        [but(ADA, rule="warm"), BEN, CLOE],
        [but(ADA, score=70), BEN, CLOE],
        [but(ADA, score=60), BEN, CLOE],
        [ADA, BEN, but(CLOE, suppressed=True)],
    ],
)
def test_who_when_how_hot_and_before_whom_makes_another_lead(leads: list[Qualified]) -> None:
    """Each of it is seen by whoever gets them."""
    assert not same_leads(of([ADA, BEN, CLOE]), of(leads))
