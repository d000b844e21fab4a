"""Times are read from whatever clients write, and counted at what is most likely true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pql.core.times import LAST, counted_time, day_of, written_time
from pql.core.window import DAY

ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.lists(st.integers())
)
T = 1_354_408_208_276  # 2012-12-02T00:30:08.276Z


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2012-12-02T00:30:08.276Z", T),
        ("2012-12-02T00:30:08.276z", T),
        ("2012-12-02t00:30:08.276+00:00", T),
        ("2012-12-02 00:30:08.276", T),
        ("2012-12-02 00:30:08.276 UTC", T),
        ("2012-12-02T00:30:08.276503+00:00", T),
        ("2012-12-02T00:30:08.276503999Z", T),
        ("2012-12-02T00:30:08,276Z", T),
        ("2012-12-02T02:30:08.276+02:00", T),
        ("2012-12-01T19:00:08.276-0530", T),
        ("2012-12-01T22:30:08.276-02", T),
        ("2012-12-02T00:30:08Z", T - 276),
        ("2012-12-02T00:30Z", T - 8_276),
        ("2012-12-02", T - 1_808_276),
        ("2015-2-02T00:30:08.276Z", 1_422_837_008_276),
        ("2015-02-2", 1_422_835_200_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("2016-12-31T24:00:00Z", 1_483_228_800_000),
        ("1970-01-01T00:00:00Z", 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        (" 2012-12-02T00:30:08.276Z\n", T),
        (T, T),
        (float(T), T),
        (T // 1_000, T - 276),
        (1_354_408_208.276, T),
        (T * 1_000, T),
        (T * 1_000_000, T),
        (str(T), T),
        (str(T // 1_000), T - 276),
        ("1354408208.276", T),
        (0, 0),
        (-1, -1_000),
        # The last moment that is read in one unit, and the first in the next, which is in 1973.
        (10**11 - 1, (10**11 - 1) * 1_000),
        (10**11, 10**11),
        (10**14 - 1, 10**14 - 1),
        (10**14, 10**11),
        (10**17 - 1, 10**14 - 1),
        (10**17, 10**11),
    ],
)
def test_fault_031_a_time_is_read(written: object, expected: int) -> None:
    """Each form that clients, imports and people use is the moment it names."""
    assert expected == written_time(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "2012",
        "2012-13-01",
        "2012-02-30",
        "2012-12-02T25:00:00Z",
        "2012-12-02T00:61:00Z",
        "2012-12-02T00:00:61Z",
        "10000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01",
        "٢٠١٢-12-02",
        "1_354_408_208",
        "1" * 5_000,
        10**40,
        -(10**40),
        float("nan"),
        float("inf"),
        True,
        None,
        {},
        [],
    ],
)
def test_what_is_no_time_is_none(written: object) -> None:
    """Nonsense is no time, and no exception."""
    assert None is written_time(written)


@given(ANYTHING)
def test_fault_031_reading_never_raises(written: object) -> None:
    """Any value at all is a moment a date library can name, or none."""
    found = written_time(written)

    assert found is None or datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=found)


@given(
    st.datetimes(
        datetime(1, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone
        datetime(9999, 12, 29),  # noqa: DTZ001 - same
        timezones=st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m))),
    )
)
def test_reading_agrees_with_the_standard_library(written: datetime) -> None:
    """Every moment that Python can write is read to the millisecond."""
    expected = (written - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    assert expected == written_time(written.isoformat())


@pytest.mark.parametrize(
    ("received", "said", "sent", "expected"),
    [
        (T, None, None, T),
        (T, None, T, T),
        (T, T - 5_000, None, T - 5_000),
        (T, T - 5_000, T - 1_000, T - 4_000),
        (T, T - 365 * DAY - 5_000, T - 365 * DAY, T - 5_000),
        (T, T + 3_650 * DAY - 5_000, T + 3_650 * DAY, T - 5_000),
        (T, T + DAY, None, T + DAY),
        (T, T + DAY + 1, None, T),
        (T, T + 10 * DAY, T, T),
        (T, -62_135_596_800_000, None, 0),
    ],
    ids=[
        "nothing said",
        "only sent",
        "as said",
        "skew out",
        "a year behind",
        "ten years ahead",
        "a day ahead",
        "more than a day",
        "said after sent",
        "year one",
    ],
)
def test_fault_031_an_event_is_counted_at(
    received: int, said: int | None, sent: int | None, expected: int
) -> None:
    """The sender's skew is taken out, and the far future is not believed."""
    assert expected == counted_time(received, said, sent)


@given(st.integers(0, LAST))
def test_a_day_begins_at_midnight_in_utc(time: int) -> None:
    """It is named as senders and people write it."""
    day = datetime.fromtimestamp(time // DAY * DAY // 1000, UTC)

    assert f"{day:%Y-%m-%d}" == day_of(time)
    assert time // DAY * DAY == written_time(day_of(time))
