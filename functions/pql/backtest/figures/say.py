"""Figures in few characters, the same in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pql.backtest.figures.wilson import Lift, Share
from pql.core.plain_words import counted, in_utc, number
from pql.core.window import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from pql.backtest.figures.base import Base
    from pql.backtest.figures.group import Group
    from pql.backtest.figures.velocity import Yield

UNKNOWN = "–"  # noqa: RUF001 - an en dash, as tables have it
PLACES = 3


def percent(rate: float | None) -> str:
    """Return `22.4 %`, with a decimal where it tells something: none from 99.95 on and at 0."""
    if rate is None:
        return UNKNOWN
    shown = f"{rate * 100:.2f}" if 0 < rate < 0.001 else f"{rate * 100:.1f}"
    return f"{shown.removesuffix('.0') if shown in {'0.0', '100.0'} else shown} %"


def interval(share: Share) -> str:
    """Return `21.8 to 22.9 %`, the 95 % interval; nothing of nothing."""
    if share.low is None or share.high is None:
        return ""
    return f"{percent(share.low).removesuffix(' %')} to {percent(share.high)}"


def rated(share: Share) -> str:
    """Return a share with its interval: `22.4 % (21.8 to 22.9 %)`."""
    return UNKNOWN if share.rate is None else f"{percent(share.rate)} ({interval(share)})"


def growth(velocity: float | None) -> str:
    """Return how much more it is than before: `+12 %`."""
    if velocity is None:
        return UNKNOWN
    return f"{velocity:+.0%}".replace("%", " %") if velocity else "0 %"


def times(lift: Lift | None) -> str:
    """Return `4.8x`."""
    return UNKNOWN if lift is None else f"{factor(lift.times)}x"


def factor(value: float) -> str:
    """Return a factor to two digits below ten."""
    return f"{value:.1f}" if value < 99.95 else number(round(value))


def days(value: float | None) -> str:
    """Return `198 d`, and below two days `3.5 h`."""
    if value is None:
        return UNKNOWN
    if value < 2:
        return f"{value * 24:.1f} h"
    return f"{value:.1f} d" if value < 10 else f"{value:,.0f} d"


def ahead(value: float | None) -> str:
    """Return `198 days`, `3.5 hours`."""
    short = days(value)
    return short.replace(" d", " days") if short.endswith(" d") else short.replace(" h", " hours")


def a_week(value: float | None) -> str:
    """Return how many a week, to a tenth below a hundred."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def date(at: int | None) -> str:
    """Return `24 Nov 2026`."""
    if at is None:
        return UNKNOWN
    then = in_utc(at)
    return f"{then.day} {then:%b %Y}"


def span(first: int | None, last: int | None) -> str:
    """Return `1 Jan 1997 to 30 Jun 1998`."""
    return f"{date(first)} to {date(last)}"


def several(amount: int, about: str) -> str:
    """Return `1 account`, `2 people`: so many of whom rules are about."""
    one = {"accounts": "account", "people": "person"}[about]
    return f"{number(amount)} {one if amount == 1 else about}"


def whom(rules: Sequence[Group]) -> str:
    """Return whom rules are about: `accounts`, `people`, or `accounts and people`."""
    return " and ".join(dict.fromkeys(one.about for one in rules))


def together(total: Group, rules: Sequence[Group]) -> str:
    """Return what all rules together are called, with whom they are about where others are not."""
    is_mixed = any(one.about != total.about for one in rules)
    return f"{total.name} about {total.about}" if is_mixed else total.name


def length(window: int | None) -> str:
    """Return an observation window in words."""
    if window is None:
        return "to the end of the data"
    return f"within {in_days(window)}"


def in_days(length: int) -> str:
    """Return a length (ms) in days: `40 days`, `0.5 days`."""
    days = length / DAY
    return counted(round(days, 2) if days >= 1 else days, "day")


def lasting(length: int) -> str:
    """Return how long data last (ms), rounded down as `typed`: `4,068 days`, below ten days `5.5 days`."""
    step = DAY if length >= 10 * DAY else DAY // 100 if length >= DAY else 1
    return in_days(length // step * step)


def unread(amount: int, places: Sequence[str]) -> Iterator[str]:
    """Yield how many lines are no events, and where the first few are and why; nothing for none."""
    if not amount:
        return
    yield f"{counted(amount, 'line')} could not be read{':' if places else ''}"
    yield from (f"  {one}" for one in places[:PLACES])
    if places and amount > PLACES:
        yield f"  and {number(amount - PLACES)} more"


def undecided(leads: Yield) -> str:
    """Return what is said of leads of which none is decided: some are `open`, or all came `late`."""
    if leads.open:
        return "open"
    return "late" if leads.made else UNKNOWN


def first_event(about: str) -> str:
    """Return what is called the first event of accounts or of people, who do not count for all of theirs."""
    return "the first event that rules about people hear" if about == "people" else "the first event"


def no_rate(base: Base, window: int | None, first: int | None, last: int | None) -> str:
    """Return why there is no base rate in data from `first` to `last` (epoch ms)."""
    if not base.observable:
        return f"{'all ' if base.all > 1 else ''}had converted by {first_event(base.about)}"
    if window is None or first is None or last is None or last - first >= window:
        told = "nobody was seen for long enough"
        longest = typed(base.longest)
        return f"{told}: type --within {longest} or shorter" if longest else told
    return too_short(window, last - first)


def too_short(window: int, lasts: int, age: int = 0) -> str:
    """Return that no `window`, begun at an `age`, is over in data of such length (ms), and what to type."""
    begun = f" from the age of {in_days(age)} on" if age else ""
    longest = typed(lasts - age)
    told = f"no window of {in_days(window)}{begun} is over, the data last {lasting(lasts)}"
    return f"{told}: type --within {longest} or shorter" if longest else told


def typed(length: int) -> str:
    """Return a length (ms), rounded down, as one is typed: `40d`, `7h`; "" for less than a minute."""
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if length >= unit:
            return f"{length // unit}{letter}"
    return ""
