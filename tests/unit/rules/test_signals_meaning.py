"""What each signal means where it could be doubted: windows, numbers, texts and names."""

from __future__ import annotations

import sys

import pytest

from fakes.events import DAY, HOUR
from fakes.one_signal import MINUTE, at_later, done, plan_with, reported, told, value
from pql.engine.state import pack, unpack


def test_minutes_make_a_window() -> None:
    """`within: 30m` is the current minute and the 29 before it."""
    signal = "count: Report Created, within: 30m"

    assert 2 == at_later(signal, 30 * MINUTE - 1, done(0), done(MINUTE))
    assert 1 == at_later(signal, 30 * MINUTE, done(0), done(MINUTE))


def test_the_smallest_number_leaves_the_next_smallest() -> None:
    """Within a window, the minimum rises when its day is over."""
    signal = "min: n, of: any, within: 2d"

    assert -3 == value(signal, reported(0, n=-3), reported(DAY, n=5), reported(DAY + 1, n="2.5"))
    assert 2.5 == at_later(signal, 2 * DAY, reported(0, n=-3), reported(DAY, n=5), reported(DAY + 1, n="2.5"))
    assert value(signal, reported(0, n="lots"), done(1)) is None


def test_fault_062_numbers_beyond_64_bits_are_stored_and_read_again() -> None:
    """Whole numbers that MessagePack cannot carry become decimals, in both directions."""
    plan = plan_with("min: n, of: any")
    account = told(plan, reported(0, n=-(2**70)), reported(1, n=2**63))

    assert [-(2.0**70)] == unpack(plan, "a:acme", pack(plan, account)).values[:1]


@pytest.mark.parametrize("signal", ["max: n, of: any", "latest: n, of: any", "gauge: n, of: any, within: 2d"])
def test_no_number_is_too_large_to_be_stored(signal: str) -> None:
    """A file of events may hold what `ingest` would have refused."""
    plan = plan_with(signal)
    account = told(plan, reported(0, n=10**400))
    held = unpack(plan, "a:acme", pack(plan, account)).values[0]

    assert sys.float_info.max == plan.signals[0].signal.value_at(held, account.clock)


def test_a_text_that_is_remembered_is_no_longer_than_the_signal_says() -> None:
    """The newest value may be a whole sentence."""
    plan = plan_with("latest: n, of: any")
    bare, full = (len(pack(plan, told(plan, one))) for one in (done(0), reported(0, n="x" * 999)))

    assert full - bare <= plan.signals[0].signal.most_bytes


def test_any_is_no_name_whatever_its_case() -> None:
    """Case matters nowhere in the names of events."""
    assert [2, 2] == [
        value(f"count: {listed}", done(0), done(1, name="Signed Up")) for listed in ("Any", "[ANY]")
    ]
    assert value("unfollowed: Signed Up, by: Any", done(0, name="Signed Up"), done(1)) is None


def test_a_space_that_does_not_break_the_line_is_a_space() -> None:
    """Names are copied from web pages."""
    assert 1 == value("count: Report\u00a0Created", done(0))


def test_the_first_value_is_that_of_the_oldest_event_however_late_it_comes() -> None:
    """The time of the events decides; one without the property says nothing."""
    assert "ads" == value(
        "first: from, of: any", reported(HOUR, **{"from": "web"}), reported(0, **{"from": "ads"})
    )
    assert "web" == value("first: from, of: any", reported(HOUR, **{"from": "web"}), reported(0))


def test_the_first_value_of_a_window_moves_on_with_it() -> None:
    """Seats a month ago become the oldest seats still in the window."""
    history = [reported(0, seats=5), reported(DAY, seats=8), reported(2 * DAY, seats=13)]

    assert [5, 8, None] == [
        at_later("first: seats, of: any, within: 3d", later, *history)
        for later in (2 * DAY, 3 * DAY, 9 * DAY)
    ]
