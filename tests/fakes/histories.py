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
        anonymous="anon",
        properties={
            "amount": draw(AMOUNTS),
            "format": draw(st.sampled_from(["pdf", "csv", 1, True, None, "x"])),
        },
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> list[Event]:
    """Draw a list of different events in order of arrival."""
    return [draw(events(key=index)) for index in range(draw(st.integers(0, most)))]
