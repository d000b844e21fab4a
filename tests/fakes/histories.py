"""Random histories of one account, for laws."""

from __future__ import annotations

from hypothesis import strategies as st

from fakes.events import DAY, HOUR, event, group
from pql.core.event import Event

AMOUNTS = st.one_of(
    st.integers(-5, 120),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.sampled_from(["39.95", "lots", None, True, 1e300, 2**70, 0.1, 0.2]),
)


@st.composite
def events(draw: st.DrawFn, key: object = None) -> Event:
    """Draw an event that arrives up to two days late and up to a day early, within two weeks."""
    at = draw(st.integers(0, 14 * 24 * 4)) * HOUR // 4
    received = max(0, at + draw(st.sampled_from([0, 0, 0, 1000, HOUR, 5 * HOUR, 2 * DAY, -DAY])))
    if draw(st.integers(0, 9)) == 0:
        return group(key, at=at, plan=draw(st.sampled_from(["trial", "paid", 3, True])), Name="Acme")
    return event(
        key,
        draw(st.sampled_from(["Report Created", "report_created", "Order Completed", "Other"])),
        at=at,
        received=received,
        user=draw(st.sampled_from(["ada", "bob", "cyd", "dan", "eve", "fay", None])),
        anonymous=draw(st.sampled_from(["anon", None])),
        properties={
            "amount": draw(AMOUNTS),
            "format": draw(st.sampled_from(["pdf", "csv", 1, True, None, "x"])),
        },
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> list[Event]:
    """Draw a list of different events in order of arrival."""
    return [draw(events(key=index)) for index in range(draw(st.integers(0, most)))]


WITHIN = st.sampled_from(
    ["", ", within: 1h", ", within: 24h", ", within: 36h", ", within: 1d", ", within: 2d", ", within: 7d"]
)
SIGNALS = st.sampled_from(
    [
        "count: any",
        "count: Report Created",
        "distinct: users, of: any, keep: 3",
        "distinct: format, of: Report Created",
        "sum: amount, of: any",
        "latest: format, of: any",
        "max: amount, of: Report Created",
    ]
)
BOUNDS = st.sampled_from(
    ["at_least: 1", "at_least: 2", "less_than: 2", "more_than: 3", "is: true", "is: 1", "at_most: 0"]
)
COOLDOWNS = st.sampled_from(["1h", "6h", "1d", "5d"])


@st.composite
def packs(draw: st.DrawFn) -> str:
    """Draw a rule file of three signals and two rules over them and over a trait."""
    lines = ["signals:"]
    lines += [f"  s{i}: {{{draw(SIGNALS)}{draw(WITHIN)}}}" for i in range(3)]
    lines.append("rules:")
    for i in range(2):
        signals = [f"{{signal: s{draw(st.integers(0, 2))}, {draw(BOUNDS)}}}" for _ in range(2)]
        parts = [*signals, "{trait: plan, is: trial}"][: draw(st.integers(1, 3))]
        join = draw(st.sampled_from(["all", "any"]))
        body = f"when: {{{join}: [{', '.join(parts)}]}}, cooldown: {draw(COOLDOWNS)}, title: t, reason: r"
        lines.append(f"  r{i}: {{{body}}}")
    return "\n".join(lines)
