"""Random histories of one account, for laws."""

from __future__ import annotations

import functools
import random

import msgspec
from hypothesis import strategies as st

from fakes.chances import chances
from fakes.events import DAY, HOUR, event, group
from pql.core.event import Event, EventType

CHOICES = chances(28)  # of one event
# What a sum, a bound or a packed number may stumble over.
ODD_AMOUNTS = ["39.95", "lots", None, True, 1e300, 2**70, 0.1, 0.2, -0.0, 5e-324, 1 / 3, -1e6, 119.5]


def _drawn_event(rnd: random.Random, key: int) -> Event:
    """Return an event that arrives up to two days late and up to a day early, within two weeks."""
    at = rnd.randint(0, 14 * 24 * 4) * HOUR // 4
    received = max(0, at + rnd.choice([0, 0, 0, 1000, HOUR, 5 * HOUR, 2 * DAY, -DAY]))
    if rnd.randrange(10) > 7:
        plan, tier = rnd.choice(["trial", "paid", 3, True]), rnd.choice(["pdf", "csv", 1, True, None, "x"])
        return group(key, at=at, plan=plan, Name="Acme", Format=tier, amount=rnd.choice([at, 1, 2.5, None]))
    kind = rnd.randrange(3)
    return event(
        key,
        rnd.choice(["Report Created", "report_created", "Order Completed", "Other"]),
        at=at,
        received=received,
        user=rnd.choice(["ada", "bob", "cyd", "dan", "eve", "fay", None]),
        anonymous=rnd.choice(["anon", None]),
        properties={
            "amount": rnd.randint(-5, 120)
            if kind == 0
            else rnd.choice(ODD_AMOUNTS)
            if kind == 1
            else rnd.uniform(-1e6, 1e6),
            "format": rnd.choice(["pdf", "csv", 1, True, None, "x"]),
        },
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> list[Event]:
    """Draw a list of different events in order of arrival."""
    return [_drawn_event(draw(CHOICES), key) for key in range(draw(st.integers(0, most)))]


WINDOWS = ["", *(f", within: {text}" for text in ("90m", "1h", "24h", "36h", "1d", "2d", "7d"))]
DAYS = ["", ", within: 1d", ", within: 2d", ", within: 7d"]
LASTING = ["", ", lasting: 90m", ", lasting: 24h", ", lasting: 2d"]
# Every signal with the windows it may have.
SIGNAL_TEXTS: dict[str, list[str]] = {
    "count: any": WINDOWS,
    "count: Report Created": WINDOWS,
    "distinct: users, of: any, keep: 2": WINDOWS,
    "distinct: format, of: Report Created": WINDOWS,
    "sum: amount, of: any": WINDOWS,
    "latest: format, of: any": WINDOWS,
    "max: amount, of: Report Created": WINDOWS,
    "min: amount, of: any": WINDOWS,
    "first: amount, of: any": WINDOWS,
    "first: format, of: Report Created": WINDOWS,
    "active_days: any": DAYS,
    "active_days: [Order Completed, Other], by: user": DAYS[1:],
    "users_each: any, times: 2, keep: 2": WINDOWS,
    "users_each: Report Created, times: 2": WINDOWS,
    "users_each: any, days: 2, keep: 3, within: 3d": [""],
    "users_each: any, days: 3, within: 7d": [""],
    "top_share: any, keep: 2": WINDOWS,
    "top_share: Report Created": WINDOWS,
    "sequence: [Report Created, Order Completed]": WINDOWS,
    "sequence: [Other, Report Created, Order Completed], keep: 4": WINDOWS,
    "sequence: [any, {event: Report Created, where: {format: pdf}}], within: 1d": LASTING,
    "sequence: [[Report Created, Other], [Report Created, Other]], within: 30m, keep: 3": LASTING,
    "sequence: [Report Created, any, any], by: day": [", lasting: 2d", ", lasting: 7d", ""],
    "sequence: [any, Order Completed, Report Created], by: day, within: 3d, keep: 3": ["", ", lasting: 4d"],
    "changes: format, of: any": WINDOWS,
    "changes: format, of: any, from: [pdf, 1], to: [csv, x], keep: 6": WINDOWS,
    "changes: amount, of: any, direction: up, keep: 5": WINDOWS,
    "changes: amount, of: Report Created, direction: down": WINDOWS,
    "changes: format, of: any, direction: up, order: [pdf, 1, csv, x]": WINDOWS,
    "changes: format, type: group, direction: down, order: [csv, pdf, x], keep: 6": WINDOWS,
    "changes: format, type: group": WINDOWS,
    "changes: format, type: group, from: [pdf, 1], to: [csv, x], keep: 6": WINDOWS,
    "changes: amount, type: group, direction: up, keep: 3": WINDOWS,
    "days_since: Report Created": [""],
    "unfollowed: Report Created, by: Order Completed": WINDOWS,
    "unfollowed: Report Created, by: any": WINDOWS,
    "unfollowed: {event: any, where: {format: pdf}}, by: {event: [Other, Report Created], where: {format: csv}}": WINDOWS,
    "streak: any": [""],
    "streak: Order Completed": [""],
    "trend: any, floor: 2": [", within: 1d", ", within: 3d", ", within: 12h"],
    "decayed: any, half_life: 1d": [""],
    "decayed: Report Created, half_life: 3d": [""],
    "champion_quiet: any": DAYS[1:],
    "gauge: amount, of: any": DAYS[1:],
}
# Those that hang on a date in the trait `started`, too, which no random history has.
DATED_TEXTS = {
    "count: any, since: started": WINDOWS[1:],
    "count: Report Created, since: Started": WINDOWS[1:],
}
SIGNALS = st.sampled_from(
    [f"{{{text}{within}}}" for text, windows in SIGNAL_TEXTS.items() for within in windows]
)
BOUNDS = st.sampled_from(
    ["at_least: 1", "at_least: 2", "less_than: 2", "more_than: 3", "is: true", "is: 1", "at_most: 0"]
)


def some_histories(seed: str, number: int, most: int = 40) -> list[list[Event]]:
    """Return so many random histories: always the same for a seed, and others for another."""
    picked = random.Random(seed).sample(range(4 * number), number)  # noqa: S311 - no secret
    return [_numbered_history(one, most) for one in picked]


def lives(signal: str, number: int, most: int = 40) -> list[list[Event]]:
    """Return random histories in which there is something for this signal, too."""
    return [as_heard(signal, history) for history in some_histories(signal, number, most)]


def as_heard(signal: str, history: list[Event]) -> list[Event]:
    """Return a history with calls that tell traits in the place of most events, for a signal of traits."""
    call: EventType | None = next((one for one in ("group", "identify") if f"type: {one}" in signal), None)
    return [_told(one, call) if key % 7 else one for key, one in enumerate(history)] if call else history


def _told(one: Event, call: EventType) -> Event:
    """Return the call that tells as traits what are an event's properties; in various spellings."""
    said = bytes(one.properties)
    traits = said.replace(b'"format"', b'"For_mat"') if one.time % HOUR else said
    return msgspec.structs.replace(one, type=call, name="", traits=msgspec.Raw(traits))


# Laws about every signal look at the same ones again and again: to make one takes longer than to fold it.
@functools.lru_cache(1_000)
def _numbered_history(number: int, most: int) -> list[Event]:
    return random_history(random.Random(number), most)  # noqa: S311 - no secret


def random_history(rnd: random.Random, most: int = 40) -> list[Event]:
    """Return different events in order of arrival: some late, some early, some at the same time."""
    return [_random_event(rnd, key) for key in range(rnd.randint(0, most))]


def _random_event(rnd: random.Random, key: int) -> Event:
    days = rnd.choice([1, 4, 14])
    at = rnd.randrange(days * 24 * 4) * HOUR // 4 + rnd.choice([0, 0, 1])
    delay = rnd.choice([0, 0, 0, 1000, HOUR, 5 * HOUR, 2 * DAY, -DAY])
    return event(
        key,
        rnd.choice(["Report Created", "report_created", "Order Completed", "Other"]),
        at=at,
        received=max(0, at + delay),
        user=rnd.choice(["ada", "bob", "cyd", "dan", "eve", None]),
        anonymous=rnd.choice(["anon", None]),
        properties={
            "amount": rnd.choice(
                [0, 1, 2.5, -3, rnd.randint(-5, 120), rnd.uniform(-9, 9), "39.95", True, 2**70]
            ),
            "format": rnd.choice(["pdf", "csv", 1, True, None, "x"]),
        },
    )


COOLDOWNS = st.sampled_from(["1h", "6h", "1d", "5d"])


@st.composite
def packs(draw: st.DrawFn) -> str:
    """Draw a rule file of three signals and two rules over them and over a trait."""
    lines = ["signals:"]
    lines += [f"  s{i}: {draw(SIGNALS)}" for i in range(3)]
    lines.append("rules:")
    for i in range(2):
        signals = [f"{{signal: s{draw(st.integers(0, 2))}, {draw(BOUNDS)}}}" for _ in range(2)]
        parts = [*signals, "{trait: plan, is: trial}"][: draw(st.integers(1, 3))]
        join = draw(st.sampled_from(["all", "any"]))
        body = f"when: {{{join}: [{', '.join(parts)}]}}, cooldown: {draw(COOLDOWNS)}, title: t, reason: r"
        lines.append(f"  r{i}: {{{body}}}")
    return "\n".join(lines)


def in_order(history: list[Event]) -> list[Event]:
    """Return events as they were received."""
    return sorted(history, key=lambda one: one.received)
