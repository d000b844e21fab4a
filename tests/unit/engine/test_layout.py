"""The layout of a state: whatever it shares between its parts comes back to each of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.events import HOUR, event
from fakes.plans import plan_of
from pql.core.aggregates.distinct import Distinct, hash_of
from pql.core.errors import NewerVersion, Unreadable
from pql.core.window import DAY, Window
from pql.engine import layout
from pql.engine.forget import forget
from pql.engine.state import pack, unpack
from pql.engine.step import step

PLAN = plan_of(
    """
signals:
  people: {distinct: users, of: any, keep: 40}
  recent: {distinct: users, of: any, within: 2d}
  formats: {distinct: format, of: any}
rules:
  busy: {when: {signal: people, at_least: 3}, title: t, reason: r}
"""
)
OTHERS = plan_of("rules: {none: {when: {trait: plan, is: none}, title: t, reason: r}}")
WEEK = Window(DAY, 7)


def state(users: int) -> bytes:
    """Return an account in which so many have done something, an hour after each other."""
    account = PLAN.account("a:acme")
    for index in range(users):
        properties = {"format": f"format {index % 3}"}
        step(PLAN, account, event(index, at=index * HOUR, user=f"user {index}", properties=properties))
    return pack(PLAN, account)


@pytest.mark.parametrize("users", [1, 16, 17, 40])
def test_other_rules_carry_the_people_of_a_signal_along(users: int) -> None:
    """Those who stand in it by their place among the people, too."""
    carried = pack(OTHERS, unpack(OTHERS, "a:acme", state(users)))
    forgotten = forget(carried, ["user 0"], [])
    counts = [unpack(PLAN, "a:acme", one or b"").values[:3] for one in (carried, forgotten)]

    assert unpack(PLAN, "a:acme", state(users)).values[:3] == counts[0]
    assert users - 1 == counts[1][0]


def test_who_is_among_the_people_is_written_as_a_place() -> None:
    """Two signals of ten users take less than their hashes alone."""
    users = len(state(10)) - len(state(0))
    names = sum(len(f"user {index}") for index in range(10))

    assert users < 2 * 10 * 6 + names


@given(st.dictionaries(st.integers(0, 2**48 - 1), st.integers(0, 60), max_size=40), st.data())
def test_distinct_members_are_read_as_they_were_written(members: dict[int, int], data: st.DataObject) -> None:
    """Beside any of them, none of them, and people that are not among them."""
    people = data.draw(st.lists(st.sampled_from([7, *members]), max_size=16, unique=True))
    held, again = Distinct(40), Distinct(40)
    for member, bucket in members.items():
        held.add(member, bucket)

    written = held.packed_beside({one: place for place, one in enumerate(people)}, 50 * DAY, WEEK)
    again.unpack_beside(people, written, 50 * DAY, WEEK)

    assert (held.members, min(members.values(), default=held.first)) == (again.members, again.first)


@given(st.lists(st.text(max_size=12), max_size=16, unique=True))
def test_names_come_back(names: list[str]) -> None:
    """However much they have in common, the empty name among them."""
    assert sorted(names) == layout.whole(layout.shortened(sorted(names)))


@given(st.lists(st.tuples(st.integers(-DAY, 2**45), st.sampled_from(["", "ab", "0" * 16, "f" * 16]))))
def test_moments_come_back(found: list[tuple[int, str]]) -> None:
    """Before the clock and after it, with ids of any length."""
    moments = layout.Moments(found)
    sections = layout.read(state(0))._replace(clock=2**45, gaps=moments.gaps, ids=moments.ids)
    read = layout.moments(sections)

    assert [(2**45 - age, event) for age, event in found] == [read[moments.place[one]] for one in found]


@pytest.mark.parametrize("damaged", [b"", b"\xc1", b"\x90", b"\x91\x02", b"\xa1x", b"\x91\xa1x"])
def test_what_is_no_state_is_refused(damaged: bytes) -> None:
    """And is no state of a newer deployment."""
    with pytest.raises(Unreadable):
        layout.read(damaged)


def test_fault_110_a_newer_layout_is_told_apart() -> None:
    """Of whatever else it holds nothing is looked at."""
    with pytest.raises(NewerVersion):
        layout.read(b"\x91" + bytes([layout.SCHEMA + 1]))


def test_people_are_told_by_their_hashes() -> None:
    """Those of the names, in their order."""
    assert [hash_of("ada"), hash_of("bob")] == layout.hashes(["ada", "bob"])
