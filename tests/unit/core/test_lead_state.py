"""The life of a lead, as laws over every sequence of changes."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fakes.events import DAY
from fakes.leads import CREATED, northwind
from pql.core.lead import LeadRecord
from pql.core.lead_state import CLOSED, EXPIRES, Life

PEOPLE = st.sampled_from(["kim", "lee"])
MOMENTS = st.integers(0, 200).map(lambda days: CREATED + days * DAY)
CHANGES = st.one_of(
    st.tuples(st.just("claim"), PEOPLE),
    st.tuples(st.just("snooze"), PEOPLE, MOMENTS),
    st.tuples(st.just("dismiss"), PEOPLE, st.sampled_from(["too small", None])),
    st.tuples(st.just("convert"), MOMENTS, st.sampled_from(["e1", "e2"])),
)
LIVES = st.lists(st.tuples(MOMENTS, CHANGES), max_size=6).map(
    lambda life: sorted(life, key=lambda one: one[0])
)


def seen(standing: Life, now: int) -> Life:
    """Return how a lead of ninety days stands at `now`."""
    return standing.at(now, CREATED, EXPIRES)


def made(standing: Life, change: Any, now: int) -> Life | None:
    """Return what a change makes of it."""
    name, *what = change
    wanted: Life | None = getattr(standing, name)(*what, now)
    return wanted


def lived(life: Any) -> Life:
    """Return how a lead stands after a life."""
    standing = Life()
    for now, change in life:
        standing = made(seen(standing, now), change, now) or standing
    return standing


@given(LIVES, MOMENTS, CHANGES)
def test_the_same_change_again_changes_nothing(life: Any, now: int, change: Any) -> None:
    """Whatever the life before: a repeat is recognised, also later."""
    once = made(seen(lived(life), now), change, now)

    if once is not None:
        assert once is made(once, change, now + 1)


@given(LIVES, MOMENTS, CHANGES)
def test_a_closed_lead_stays_closed(life: Any, now: int, change: Any) -> None:
    """No change reopens it; none touches it but an earlier conversion, and a reason where none was given."""
    before = seen(lived(life), now)
    after = made(before, change, now)

    if before.is_closed and after is not None and after != before:
        if before.state == "dismissed":
            assert (before, change) == (
                msgspec.structs.replace(after, reason=None), ("dismiss", before.owner, after.reason),
            )  # fmt: skip
        else:
            assert ("converted", "convert", "converted") == (before.state, change[0], after.state)


@given(LIVES, MOMENTS, st.sampled_from(["too small", "too big"]))
def test_no_reason_is_lost_without_a_word(life: Any, now: int, reason: str) -> None:
    """Whoever dismisses a lead for a reason finds it there, or is refused."""
    before = seen(lived(life), now)
    after = before.dismiss("kim", reason, now)

    assert after is None or ("dismissed", reason) == (after.state, after.reason)
    assert after is None or before.reason in (None, reason)


@given(LIVES, MOMENTS, CHANGES)
def test_what_is_claimed_is_nobody_else_s(life: Any, now: int, change: Any) -> None:
    """Others can do nothing with it; the account itself can convert."""
    before = seen(lived(life), now)
    others = change[0] != "convert" and before.state == "claimed" and change[1] != before.owner

    assert not others or made(before, change, now) is None


@given(st.permutations([(CREATED + days * DAY, event) for days, event in ((3, "c"), (3, "b"), (9, "a"))]))
def test_the_earliest_conversion_counts_in_any_order(conversions: list[tuple[int, str]]) -> None:
    """In whatever order events are told: the first in time, and of two at once the first by id."""
    standing = Life("claimed", "kim", changed=CREATED)
    for at, event in conversions:
        standing = standing.convert(at, event, CREATED) or standing

    assert ("converted", "kim", CREATED + 3 * DAY, "b") == (
        standing.state,
        standing.owner,
        standing.converted_at,
        standing.conversion_event,
    )


def test_a_snooze_ends_when_its_time_has_come() -> None:
    """A millisecond before it is still put off, then it is open and nobody's."""
    snoozed = Life("snoozed", "kim", until=CREATED + DAY, changed=CREATED)

    assert ["snoozed", "open"] == [seen(snoozed, CREATED + DAY - 1).state, seen(snoozed, CREATED + DAY).state]
    assert seen(snoozed, CREATED + DAY).owner is None


def test_a_snoozed_lead_is_anybody_s() -> None:
    """Who did not put it off may take it up before its time."""
    snoozed = Life("snoozed", "kim", until=CREATED + DAY, changed=CREATED)

    claimed = snoozed.claim("lee", CREATED + 1)

    assert Life("claimed", "lee", changed=CREATED + 1, answered=CREATED + 1) == claimed


@given(LIVES)
def test_the_first_answer_is_remembered_whatever_comes_after(life: Any) -> None:
    """When somebody first took the lead up, put it off or dismissed it; an account's own doing is none."""
    standing, first = Life(), None
    for now, change in life:
        wanted = made(seen(standing, now), change, now)
        if wanted is not None and change[0] != "convert" and first is None:
            first = now
        standing = wanted or standing

    assert first == standing.answered


def test_a_lead_expires_when_nobody_closed_it_in_time() -> None:
    """The time runs from its making, from its claim and from the end of a snooze."""
    lives = {
        CREATED: Life(),
        CREATED + DAY: Life("claimed", "kim", changed=CREATED + DAY),
        CREATED + 100 * DAY: Life("snoozed", "kim", until=CREATED + 100 * DAY, changed=CREATED),
    }

    assert [False] * 3 == [seen(one, since + EXPIRES - 1).is_closed for since, one in lives.items()]
    assert ["expired"] * 3 == [seen(one, since + EXPIRES).state for since, one in lives.items()]
    assert [since + EXPIRES for since in lives] == [
        seen(one, CREATED + 900 * DAY).changed for one in lives.values()
    ]


def test_what_is_dismissed_or_converted_does_not_expire() -> None:
    """Closed leads say for ever how they ended."""
    for state in CLOSED - {"expired"}:
        assert state == seen(Life(state, "kim", changed=CREATED), CREATED + 2 * EXPIRES).state


def test_days_to_conversion_run_from_the_lead() -> None:
    """To a tenth of a day, and none for a lead that did not convert."""
    converted = Life().convert(CREATED + 36 * DAY // 10, "e1", CREATED)

    assert converted is not None
    assert 3.6 == LeadRecord(northwind(), standing=converted).days_to_conversion
    assert LeadRecord(northwind()).days_to_conversion is None
