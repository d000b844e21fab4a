"""The aim of a calibration: the threshold that does what is wanted, and what is said where none does."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest

from fakes.courses import course, day
from fakes.people import pack_of
from pql.backtest.calibrate.aim import Aim, aimed
from pql.backtest.calibrate.calibration import Calibration
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.scale import Scale
from pql.backtest.calibrate.thresholds import Bound
from pql.backtest.calibrate.trials import Trials
from pql.core.window import DAY

FOUND = Calibration("kept", DAY, DAY, 500, 60, 0, 0, 0)


class Tens:
    """A score that takes the numbers 10 to 40, of which a strict bound exceeds the next lower."""

    def thresholds(self, *, strict: bool) -> list[float]:
        """Return them."""
        return [0.0, 10.0, 20.0, 30.0] if strict else [10.0, 20.0, 30.0, 40.0]

    def numbers(
        self, places: list[Bound], _target: str, wanted: float | None = None
    ) -> dict[Bound, float | None]:
        """Return what is wanted of every place."""
        return dict.fromkeys(places, wanted)


class Weeks:
    """So many leads a week as the score takes numbers that qualify; in short data nobody knows."""

    def __init__(self, *, are_short: bool = False) -> None:
        self._are_short = are_short

    def weekly(self, numbers: dict[Bound, float], _rule: str, _wanted: float) -> float | None:
        """Return how many."""
        ((place, number),) = numbers.items()
        qualify = [one for one in (10, 20, 30, 40) if one > number or (one == number and not place.is_strict)]
        return None if self._are_short else float(len(qualify))


def found(key: str, weeks: Weeks, wanted: float) -> tuple[float | None, str | None]:
    """Return the number for the only bound of a rule, and what could not be reached."""
    place = Bound(("rules", "ready", "when", key), 20, "ready", is_floor=True, is_strict=key == "more_than")
    scale, trials = cast("Scale", Tens()), cast("Trials", weeks)
    numbers, missed = aimed(scale, trials, [place], Aim(per_week=wanted), FOUND)
    return numbers[place], missed


@pytest.mark.parametrize(("key", "expected"), [("at_least", 30), ("more_than", 20)])
def test_what_is_to_be_exceeded_lies_below_what_is_to_be_reached(key: str, expected: float) -> None:
    """Both bring the same two leads a week."""
    assert (expected, None) == found(key, Weeks(), 2)


class Asked(Tens):
    """A score of which a precision is asked, of whom it is kept."""

    since = 0

    def for_precision(
        self, _wanted: float, since: int, _within: int, *, strict: bool
    ) -> tuple[float | None, str | None]:
        """Return a threshold."""
        self.since = since
        return (20.0 if strict else 30.0), None


def test_a_precision_is_asked_of_whom_the_points_were_learned_from() -> None:
    """Of those first seen before the first who is held out: that one was seen an age before it came of it."""
    asked = Asked()
    place = Bound(("rules", "ready", "when", "at_least"), 20, "ready", is_floor=True, is_strict=False)
    held = msgspec.structs.replace(FOUND, since=40 * DAY)
    numbers, _ = aimed(cast("Scale", asked), cast("Trials", Weeks()), [place], Aim(precision=0.5), held)

    assert (39 * DAY, {place: 30.0}) == (asked.since, numbers)


def test_the_newest_choose_no_threshold() -> None:
    """Twenty of twenty have converted who came before; of those that came since nobody has."""
    rules = """
signals: {reports: {count: Report Created}}
scores: {activation: [{points: 10, when: {signal: reports, at_least: 1}}]}
rules: {hot: {when: {score: activation, at_least: 10}, title: t, reason: r}}
"""
    people = {f"a:{place}": (50, None) if place % 2 else (0, 20) for place in range(40)}
    made = course(people, {"hot": []}, peaks={one: (10, first + 5) for one, (first, _) in people.items()})
    scale = Scale(Items(pack_of(rules), "activation"), made, made)

    assert (10, None) == scale.for_precision(0.9, day(50), 30 * DAY, strict=False)


def test_all_may_be_wanted_of_what_is_to_be_exceeded() -> None:
    """The lowest number of the score qualifies above the threshold 0."""
    assert (0, None) == found("more_than", Weeks(), 4)


def test_of_less_than_a_week_no_threshold_is_chosen() -> None:
    """None would bring no leads at all, as if any were high enough."""
    assert (None, "2 leads a week; the events last for less than one") == found(
        "at_least", Weeks(are_short=True), 2
    )
