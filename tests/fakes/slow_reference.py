"""What signals mean, the slow and obvious way: look at the whole history every time."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from pql.core.aggregates.distinct import hashed
from pql.core.event import Event
from pql.core.lead import Scalar
from pql.core.window import DAY, duration
from pql.engine.plan import Plan
from pql.rules.properties import number, scalar, words
from pql.rules.signals import (
    ActiveDays,
    ChampionQuiet,
    Changes,
    Count,
    DaysSince,
    Decayed,
    Distinct,
    First,
    Gauge,
    Latest,
    Max,
    Min,
    Sequence,
    Streak,
    Sum,
    TopShare,
    Trend,
    Unfollowed,
    UsersEach,
)

Heard = list[tuple[Event, dict[str, Any]]]
Reports = list[tuple[int, str, Scalar]]
FOLLOWED = 64


def slow_values(plan: Plan, history: list[Event], clock: int) -> dict[int, Scalar]:
    """Return every signal's value at `clock` by fingerprint."""
    return {slot.fingerprint: slow_value(slot.signal, history, clock) for slot in plan.signals}


def slow_value(signal: Any, history: list[Event], clock: int) -> Scalar:
    """Return a signal's value at `clock`."""
    of_type = [(one, _said(one)) for one in history if one.type == signal.type]
    heard = [(e, p) for e, p in of_type if _is_heard(e, p, signal.names, signal.where)]
    timely = [(e, p) for e, p in heard if signal.window is None or _inside(signal, e.time, clock)]
    if getattr(signal, "since", None):
        timely = _since(signal, timely, history)
    if type(signal) in BY_TIME:
        return BY_TIME[type(signal)](signal, heard, clock)
    return IN_WINDOW[type(signal)](signal, timely)


@functools.lru_cache(10_000)
def _opened(properties: bytes) -> dict[str, Any]:
    return json.loads(properties)  # type: ignore[no-any-return]


def _said(event: Event) -> dict[str, Any]:
    """Return an event's properties as they are, or the traits that a call tells by plain names."""
    if event.type not in {"group", "identify"}:
        return _opened(bytes(event.properties))
    return {_plain(name): value for name, value in _opened(bytes(event.traits)).items()}


@functools.cache
def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("_", "")


def _is_heard(event: Event, properties: dict[str, Any], names: Any, where: Any) -> bool:
    named = not names or "any" in names or _plain(event.name) in map(_plain, names)
    return named and all(
        properties.get(k) == c.equals and type(properties.get(k)) is str for k, c in where.items()
    )


def _inside(signal: Any, time: int, clock: int) -> bool:
    return bool(time // signal.window.width > clock // signal.window.width - signal.window.buckets)


def _since(signal: Count, timely: Heard, history: list[Event]) -> Heard:
    """Return what happened from the day, hour or minute on that the newest call tells of."""
    told = [
        (one.time, one.id, date)
        for one in history
        if one.type == "group"
        for name, date in json.loads(bytes(one.traits)).items()
        if _plain(name) == _plain(signal.since or "")
    ]
    if not told or not isinstance(date := max(told)[2], int):
        return []
    width = duration(signal.within or "") // signal.window.buckets if signal.window else 1
    return [(e, p) for e, p in timely if e.time - e.time % width >= date - date % width]


def _count(_: Count, timely: Heard) -> int:
    return len(timely)


def _sum(signal: Sum, timely: Heard) -> Scalar:
    amounts = [number(p.get(signal.sum)) for _, p in timely]
    millionths = sum(round(_clamped(a) * 1_000_000) for a in amounts if a is not None)
    total = Fraction(millionths, 1_000_000)
    return _clamped(int(total) if total == int(total) else float(total))


def _clamped(amount: float) -> float:
    return max(-(2**63) + 1, min(2**63 - 1, amount))


def _max(signal: Max, timely: Heard) -> Scalar:
    return max((n for _, p in timely if (n := number(p.get(signal.max))) is not None), default=None)


def _min(signal: Min, timely: Heard) -> Scalar:
    return min((n for _, p in timely if (n := number(p.get(signal.min))) is not None), default=None)


def _latest(signal: Latest, heard: Heard, clock: int) -> Scalar:
    told = [
        (e.time, e.id, e, p[signal.latest])
        for e, p in heard
        if isinstance(p.get(signal.latest), (str, int, float))
    ]
    if not told:
        return None
    _, _, newest, value = max(told, key=lambda one: one[:2])
    if signal.window is not None and not _inside(signal, newest.time, clock):
        return None
    return number(value) if not isinstance(value, (str, bool)) else value


def _reports(path: str, heard: Heard) -> Reports:
    told = [(e.time, scalar(p.get(path))) for e, p in heard]
    return sorted({(time, type(value).__name__, value) for time, value in told if value is not None})


def _first(signal: First, timely: Heard) -> Scalar:
    reports = _reports(signal.first, timely)
    return reports[0][2] if reports else None


def _changes(signal: Changes, heard: Heard, clock: int) -> int:
    total = 0
    reports = _reports(signal.changes, heard)
    if signal.order is not None:
        named = [(isinstance(one, bool), one) for one in signal.order]
        reports = [one for one in reports if (one[1] == "bool", one[2]) in named]
    known = _retold(signal, reports, clock) if signal.trait else reports[-signal.keep :]
    for (_, kind, before), (time, new_kind, after) in pairwise(known):
        different = before != after or (kind == "bool") is not (new_kind == "bool")
        timely = signal.window is None or _inside(signal, time, clock)
        total += different and timely and _is_meant(signal, before, after)
    return total


def _retold(signal: Changes, reports: Reports, clock: int) -> Reports:
    """Return the first and the last report of each value in each bucket, of the newest values and buckets.

    Of the buckets before the window the newest alone is known.
    """
    width = signal.window.width if signal.window else 30 * DAY
    pairs = {(time // width, kind, value) for time, kind, value in reports}
    if signal.window:
        first = clock // width - signal.window.buckets + 1
        before = max((bucket for bucket, *_ in pairs if bucket < first), default=first)
        pairs = {pair for pair in pairs if pair[0] >= before}
    ends = {}
    buckets = signal.window.held if signal.window else 0
    for pair in sorted(pairs)[-signal.keep - buckets :]:
        times = [time for time, *told in reports if (time // width, *told) == pair]
        ends |= {(time, *pair[1:]): None for time in (min(times), max(times))}
    return sorted(ends)


def _is_meant(signal: Changes, before: Any, after: Any) -> bool:
    if signal.order is not None:
        places = [[*signal.order].index(one) for one in (before, after)]
        return places[1] > places[0] if signal.direction == "up" else places[1] < places[0]
    if signal.direction is not None:
        numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (before, after))
        return numbers and (after > before if signal.direction == "up" else after < before)
    return all(
        wanted is None or any(type(one) is type(value) and one == value for one in wanted)
        for value, wanted in ((before, signal.from_), (after, signal.to))
    )


def _who(event: Event) -> str | None:
    return event.user or event.anonymous


def _distinct(signal: Distinct, timely: Heard) -> int:
    who = {_who(e) if signal.distinct == "users" else words(p.get(signal.distinct)) for e, p in timely}
    return min(len(who - {None}), signal.keep)


def _followed(keep: int, width: int | None, timely: Heard) -> list[tuple[str, int]]:
    """Return (user, bucket) of each event of the users with the lowest hashes in each bucket."""
    done = [(who, e.time // width if width else 0) for e, _ in timely if (who := _who(e))]
    followed = []
    for bucket in {bucket for _, bucket in done}:
        users = sorted({who for who, at in done if at == bucket}, key=hashed)[:keep]
        followed += [(who, at) for who, at in done if at == bucket and who in users]
    return followed


def _users_each(signal: UsersEach, timely: Heard) -> int:
    followed = _followed(signal.keep, signal.window and signal.window.width, timely)
    if signal.times is not None:
        return sum(times >= signal.times for times in Counter(who for who, _ in followed).values())
    return sum(days >= (signal.days or 0) for days in Counter(who for who, _ in set(followed)).values())


def _top_share(signal: TopShare, timely: Heard) -> Scalar:
    followed = _followed(signal.keep, signal.window and signal.window.width, timely)
    everybody = sum(_who(e) is not None for e, _ in timely)
    return max(Counter(who for who, _ in followed).values()) / everybody if everybody else None


def _active_days(signal: ActiveDays, timely: Heard) -> int:
    if signal.by == "account":
        days = len({e.time // DAY for e, _ in timely})
    else:
        followed = _followed(FOLLOWED, DAY, timely)
        days = max(Counter(who for who, _ in set(followed)).values(), default=0)
    return min(days, signal.window.buckets if signal.window else 400)


def _sequence(signal: Sequence, heard: Heard, clock: int) -> int:
    times = [
        [e.time for e, p in heard if _is_heard(e, p, step.event, step.where)] for step in signal.sequence
    ]
    moments = [sorted({t - t % DAY for t in one} if signal.by else one) for one in times]
    moments[-1] = [t for t in moments[-1] if signal.window is None or _inside(signal, t, clock)]
    *earlier, last = [times[-signal.keep :] for times in moments]
    span = duration(signal.within) if signal.within else clock + DAY
    return sum(any(end - start <= span for start in _starts(earlier, end)) for end in last)


def _starts(earlier: list[list[int]], end: int) -> set[int]:
    """Return every moment at which a chain through the steps of `earlier` to `end` can begin."""
    reached = {end}
    for times in reversed(earlier):
        reached = {time for time in times if any(time < after for after in reached)}
    return reached


def _days_since(_: DaysSince, heard: Heard, clock: int) -> float | None:
    return max(0, clock - max(e.time for e, _ in heard)) / DAY if heard else None


def _unfollowed(signal: Unfollowed, heard: Heard, clock: int) -> float | None:
    timely = [(e, p) for e, p in heard if signal.window is None or _inside(signal, e.time, clock)]
    first, then = signal.unfollowed, signal.by
    done = [e for e, p in timely if _is_heard(e, p, first.event, first.where)]
    followed = [e.time for e, p in timely if e not in done and _is_heard(e, p, then.event, then.where)]
    left = [e.time for e in done if not any(time >= e.time for time in followed)]
    return max(0, clock - max(left)) / DAY if left else None


def _streak(_: Streak, heard: Heard, clock: int) -> int:
    days = {e.time // DAY for e, _ in heard if e.time // DAY <= clock // DAY}
    newest = max(days, default=-2)
    if clock // DAY - newest > 1:
        return 0
    return next(length for length in range(1, 1_000) if newest - length not in days)


def _trend(signal: Trend, heard: Heard, clock: int) -> float | None:
    width, buckets = signal.window
    ages = [clock // width - e.time // width for e, _ in heard]
    recent = sum(age < buckets // 2 for age in ages)
    before = sum(buckets // 2 <= age < buckets for age in ages)
    return recent / before if before >= signal.floor else None


def _decayed(signal: Decayed, heard: Heard, clock: int) -> float:
    ages = [clock // DAY - e.time // DAY for e, _ in heard]
    half_life = duration(signal.half_life) / DAY
    return float(sum(0.5 ** (max(0, age) / half_life) for age in ages if age < 10 * half_life))


def _champion_quiet(signal: ChampionQuiet, heard: Heard, clock: int) -> int | None:
    days: dict[str, list[int]] = {}
    for e, _ in heard:
        if e.actor is not None and _inside(signal, e.time, clock):
            days.setdefault(e.actor, []).append(e.time // DAY)
    most = max(map(len, days.values()), default=0)
    last = [max(found) for found in days.values() if len(found) == most]
    return max(0, clock // DAY - max(last)) if last else None


def _gauge(signal: Gauge, heard: Heard, clock: int) -> float | None:
    levels = [(e.time, number(p.get(signal.gauge))) for e, p in heard if _inside(signal, e.time, clock)]
    told = [(time, level) for time, level in levels if level is not None]
    return max(told)[1] if told else None


BY_TIME: dict[type, Callable[..., Scalar]] = {
    ChampionQuiet: _champion_quiet,
    Changes: _changes,
    DaysSince: _days_since,
    Decayed: _decayed,
    Gauge: _gauge,
    Latest: _latest,
    Sequence: _sequence,
    Streak: _streak,
    Trend: _trend,
    Unfollowed: _unfollowed,
}
IN_WINDOW: dict[type, Callable[..., Scalar]] = {
    ActiveDays: _active_days,
    Count: _count,
    Distinct: _distinct,
    First: _first,
    Max: _max,
    Min: _min,
    Sum: _sum,
    TopShare: _top_share,
    UsersEach: _users_each,
}
