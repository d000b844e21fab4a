"""What is wanted of a rule that holds a score against a bound, and the threshold that does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import msgspec

from pql.backtest.calibrate.calibration import Calibration
from pql.backtest.calibrate.scale import Scale
from pql.backtest.calibrate.thresholds import Bound, for_leads
from pql.backtest.calibrate.trials import Trials
from pql.backtest.figures import say
from pql.core.errors import PqlError


class Aim(msgspec.Struct, frozen=True):
    """What is wanted of a `rule`: a precision, or so many leads a week; of neither as many leads as now."""

    precision: float | None = None
    per_week: float | None = None
    rule: str | None = None

    @property
    def is_any(self) -> bool:
        """Return whether anything is wanted."""
        return self.precision is not None or self.per_week is not None


def aimed(
    scale: Scale, trials: Trials, places: Sequence[Bound], aim: Aim, found: Calibration
) -> tuple[dict[Bound, float], str | None]:
    """Return the number for each bound, and what could not be reached."""
    if not aim.is_any:
        return scale.numbers(places), None
    whose = target(places, aim)
    strict = next(one.is_strict for one in places if one.rule == whose and one.is_floor)
    per_week = aim.per_week
    if per_week is None:
        since = (found.since or 0) - found.age
        wanted, missed = scale.for_precision(aim.precision or 0.0, since, found.within, strict=strict)
    else:
        weekly = cache(lambda one: trials.weekly(scale.numbers(places, whose, one), whose, per_week))
        wanted, missed = _for_leads(scale.thresholds(strict=strict), per_week, weekly)
    return scale.numbers(places, whose, wanted), missed


def _for_leads(
    thresholds: Sequence[float], wanted: float, weekly: Callable[[float], float | None]
) -> tuple[float | None, str | None]:
    """Return the threshold that brings no more leads a week, and what is the nearest if none comes near."""
    if not thresholds:
        return None, f"{wanted:g} leads a week; nobody has a score before converting"
    if weekly(thresholds[len(thresholds) // 2]) is None:  # which is measured first in any case
        return None, f"{wanted:g} leads a week; the events last for less than one"
    chosen = for_leads(thresholds, wanted, lambda one: weekly(one) or 0.0)
    if chosen is None:
        told = f"the highest threshold, {thresholds[-1]:g}, leaves {say.a_week(weekly(thresholds[-1]))}"
        return None, f"{wanted:g} leads a week; {told}"
    found = say.a_week(weekly(chosen))
    if chosen == thresholds[0] and found != say.a_week(wanted):
        return chosen, f"{wanted:g} leads a week; the lowest threshold, {chosen:g}, brings {found}"
    return chosen, None


def target(places: Sequence[Bound], aim: Aim) -> str:
    """Return the rule whose threshold is to do what is wanted; raises `PqlError` where that is not clear."""
    rules = list(dict.fromkeys(one.rule for one in places if one.rule is not None and one.is_floor))
    if aim.rule is not None and aim.rule not in rules:
        raise PqlError(f"rule `{aim.rule}` holds the score against no bound of its own")
    if not rules:
        raise PqlError("no rule holds the score against a bound: there is no threshold to choose")
    if aim.rule is None and len(rules) > 1:
        raise PqlError(f"several rules hold the score against a bound: choose with --rule {rules[0]}")
    return aim.rule or rules[0]
