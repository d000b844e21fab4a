"""A calibration in words for a terminal: what is proposed and why, what that does, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from pql.backtest.calibrate.calibration import Calibration
from pql.backtest.calibrate.details import details, table
from pql.backtest.calibrate.edits import written
from pql.backtest.calibrate.items import Items
from pql.backtest.calibrate.proposal import Effect, Proposal
from pql.backtest.calibrate.ranking import PLACES, Gain
from pql.backtest.figures import say
from pql.backtest.figures.summary import judged
from pql.core.plain_words import counted, number

_MANY = 5_000  # conversions, above which no count is given for a signal that is next to none
_HEAD = ("precision", "95 % interval", "recall", "lift", "lead time", "a week")


def told(found: Calibration, items: Items, made: Proposal | None = None) -> Iterator[str]:
    """Yield what is proposed or why nothing is, its effect, the diff, tests that it breaks, the details."""
    score = items.path[1]
    if made is not None and made.diff:
        yield f"{score}: {_proposed(found, made)}"
    else:
        yield f"{score}: nothing is proposed: {_reason(found, made)}"
        yield from _hint(found)
        if made is not None and made.idle:
            yield _instead(found)
    if made is not None:
        yield from _made(found, made)
    yield ""
    yield from details(found, items)


def _proposed(found: Calibration, made: Proposal) -> str:
    stay = found.verdict != "better" or not made.moves
    if stay or found.present is None or found.fitted is None or found.gain is None:
        return f"another threshold is proposed, as was asked for; the points stay: {_reason(found, made)}"
    areas = f"AUC {found.present.value:.3f} → {found.fitted.value:.3f} ({_signed(found.gain)})"
    return f"other points are proposed, which rank newer accounts better: {areas}"


def _reason(found: Calibration, made: Proposal | None) -> str:
    """Return why the points stay."""
    fitted, gain = found.fitted, found.gain
    if fitted is None or gain is None:
        if found.censored and not found.subjects:
            return say.too_short(found.within, found.lasts, found.age)
        others = found.subjects - found.conversions
        told = counted(found.conversions, "conversion")
        if others < found.conversions:
            told = f"{number(others)} that did not convert"
        return f"too few: {told} of at least {found.needed} in several stretches of time"
    if found.verdict == "none":
        if fitted.ranks_nobody:
            return "no signal: the fit ranks nobody, for by older accounts no item is worth a point"
        if fitted.is_signal:
            return "no signal: by the accounts that points would be learned from no item is worth one"
        interval = f"{fitted.low:.3f} to {fitted.high:.3f}"
        return f"no signal: the interval {interval} of the fitted points is not above 0.5"
    if found.verdict == "better":
        return f"{_idle(made)} (AUC {_signed(gain)})"
    if gain.is_shown:
        return "what was known before the newest came is too little to move points by"
    if gain.low > 0:
        return f"other points would rank newer accounts better by next to nothing (AUC {_signed(gain)})"
    return f"what older accounts teach ranks newer ones no better than they do (AUC {_signed(gain)})"


def _idle(made: Proposal | None) -> str:
    if made is not None and made.idle:
        return "other points would rank newer accounts better, and yet leave every lead as it is"
    return "points that rank newer accounts better round to the present ones"


def _instead(found: Calibration) -> str:
    """Return what more there is to say of a change that would leave every lead as it is."""
    if found.verdict != "better":
        return "the threshold that does what was asked for would leave every lead as it is"
    return "with another threshold they may not: --leads-per-week and --precision choose one"


def _hint(found: Calibration) -> Iterator[str]:
    if found.fitted is None and found.censored and found.subjects:
        yield (
            f"the data last {say.lasting(found.lasts)}: a shorter --within leaves out fewer than "
            f"{number(found.censored)}, a longer one counts more conversions"
        )
    if found.verdict == "none" and found.fitted is not None and 0 < (found.needed or 0) <= _MANY:
        yield (
            f"an area of {found.fitted.value:.3f} would be told from chance by about "
            f"{number(found.needed or 0)} conversions in newer accounts; there are {found.fitted.conversions}"
        )


def _made(found: Calibration, made: Proposal) -> Iterator[str]:
    if made.missed:
        yield f"not reached: {made.missed}"
    if made.changes:
        yield ""
        rows = [
            (one.what, "" if one.before is None else written(one.before), written(one.after))
            for one in made.changes
        ]
        yield from table([("proposed", "before", "after"), *rows])
    if made.effects:
        yield ""
        since = "" if found.since is None else f" since {say.date(found.since - found.age)}"
        told = f"on the {number(made.accounts)} first seen{since}, of whom nothing was learned"
        yield f"{told}; leads a week are everybody's:"
        head = ("rule", "", say.whom([one.before for one in made.effects]), *_HEAD)
        yield from table([head, *(row for one in made.effects for row in _rows(one, bool(made.diff)))])
        yield from _unsure(made)
    if made.diff:
        yield ""
        yield made.diff.rstrip("\n")
    if made.failing:
        yield ""
        tests = counted(len(made.failing), "test")
        yield f"{tests} in {made.name} would fail; what they expect is for you to say:"
        yield from (f"  {one}" for one in made.failing)


def _signed(gain: Gain) -> str:
    value, low, high = (
        f"{round(one, PLACES) + 0.0:+.{PLACES}f}" for one in (gain.value, gain.low, gain.high)
    )
    return f"{value}, 95 % interval {low} to {high}"


def _rows(one: Effect, is_changed: bool) -> Iterator[tuple[str, ...]]:  # noqa: FBT001 - a plain fact
    before, after = (one.before, one.weekly_before), (one.after, one.weekly_after)
    sides = (("before", *before), ("after", *after)) if is_changed else (("now", *before),)
    for side, group, weekly in sides:
        yield (one.rule, side, number(group.accounts), *judged(group)[:-1], say.a_week(weekly))


def _unsure(made: Proposal) -> Iterator[str]:
    """Yield which precisions may differ by chance alone: people read the middle of an interval."""
    for one in made.effects if made.diff else ():
        was, now = one.before.precision, one.after.precision
        if was.low is None or was.high is None or now.low is None or now.high is None:
            continue
        if was.low <= now.high and now.low <= was.high:
            yield f"{one.rule}: the intervals overlap, so the precision may be no other than before"
