"""A repeat is known for as long as it could count again, in bounded memory."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR, event
from pql.backtest.rerun.seen import Seen, salt_of
from pql.core.event import Event

ACME, ADA = salt_of("a:acme"), salt_of("u:ada")


def untimed(received: int) -> Event:
    """Return an event without a time of its own."""
    return event("untimed", at=received, received=received, own=None)


def test_a_subject_counts_an_event_once() -> None:
    """Another subject counts it as well."""
    seen = Seen(45)
    told = [
        seen.add(ACME, event(1)),
        seen.add(ACME, event(1)),
        seen.add(ADA, event(1)),
        seen.has(ADA, event(2)),
    ]

    assert [True, False, True, False] == told


@pytest.mark.parametrize(("days", "expected"), [(1, False), (44, False), (45, False), (46, True)])
def test_a_repeat_is_known_while_it_could_count(days: int, expected: bool) -> None:  # noqa: FBT001 - what is expected
    """Sorted away or not: until nothing of its day has come for so long."""
    seen = Seen(45)
    seen.add(ACME, event(1))
    for day in range(1, days + 1):
        seen.add(ACME, event(("other", day), at=day * DAY))

    assert expected == seen.add(ACME, event(1, received=days * DAY))


@pytest.mark.parametrize(("apart", "expected"), [(0, False), (90 * DAY, False), (200 * DAY, True)])
def test_one_without_a_time_is_looked_for_in_the_epochs_around(apart: int, expected: bool) -> None:  # noqa: FBT001 - same
    """As the live engine does: ninety days apart it is a copy, whatever `keep` is."""
    seen = Seen(45)
    seen.add(ACME, untimed(HOUR))

    assert expected == seen.add(ACME, untimed(HOUR + apart))
