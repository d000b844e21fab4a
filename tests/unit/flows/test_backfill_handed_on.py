"""Backfilling: whose an event was is told by where it was counted, if the archive is late to tell it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from fakes.backfilling import (
    GROWN,
    NEW,
    OLD,
    PEOPLE,
    PLAIN,
    Lost,
    assert_as_ever,
    backfill,
    done,
    packed_plan,
    signs_in,
    something_of,
)
from fakes.events import HOUR, event, group, identify
from fakes.town import Town
from pql.core.account import Row
from pql.core.event import Event
from pql.engine.plan import Plan

NOBODY, SOMEBODY = packed_plan(OLD), packed_plan(NEW, PEOPLE)


class Step(NamedTuple):
    """A batch that is counted by some rules; one that is lost comes again, and is archived then."""

    plan: Plan
    events: list[Event]
    lost: bool = False
    again: bool = False


def lived(*steps: Step) -> tuple[Town, Town]:
    """Return a town that has lived through this, and one in which the last rules were always there."""
    town, always = Town(), Town()
    for step in steps:
        town.count(step.plan, step.events, archive=Lost() if step.lost else None)
        if not step.again:
            always.count(steps[-1].plan, step.events)
    return town, always


def joins(user: str, at: int) -> Event:
    """Return the call by which the device is somebody's, and somebody of an account, in such an hour."""
    return identify(("joins", user, at), user=user, anonymous="tab", account="globex", at=at * HOUR)


REPORT, ORDER = done(1, 4, "Report Created"), done(1, 4)
MEMBERS = [group(("joins", user), user=user, at=HOUR, seats=9) for user in ("ada", "bob")]


def test_who_has_nothing_else_in_the_archive_is_found_by_the_ids_of_the_row() -> None:
    """Both are of one account: under which it was archived tells nothing."""
    town, always = lived(
        Step(PLAIN, [*MEMBERS, signs_in("ada", 2)]),
        Step(PLAIN, [REPORT], lost=True),
        Step(PLAIN, [signs_in("bob", 5)]),
        Step(PLAIN, [REPORT], again=True),
        Step(GROWN, [done(2, 6)]),
    )

    assert_as_ever(town, always)


def test_who_counted_nothing_but_a_copy_counts_nothing() -> None:
    """The row stays, for its ids, and remembers nothing."""
    copy = done(1, 4, received=6)
    town, always = lived(
        Step(PLAIN, [signs_in("ada", 2)]),
        Step(PLAIN, [ORDER]),
        Step(PLAIN, [signs_in("bob", 5)]),
        Step(GROWN, [copy]),
    )
    before = town.store.accounts["p:bob"].ledger

    assert_as_ever(town, always)
    assert before == town.store.accounts["p:bob"].ledger


def test_what_was_done_in_the_batch_that_hands_the_device_on_is_of_whom_it_is_given_to() -> None:
    """All calls of a batch are learned before any of its events is counted."""
    home = [group("globex", account="globex", user="bob", at=HOUR)]
    town, always = lived(
        Step(PLAIN, [MEMBERS[0], signs_in("ada", 2), *home]),
        Step(PLAIN, [ORDER, signs_in("bob", 5)]),
        Step(GROWN, [done(2, 6)]),
    )

    assert_as_ever(town, always)


def test_who_had_the_device_for_no_longer_than_a_batch_had_it_never() -> None:
    """What a visitor did goes to whom the batch ends with."""
    town, always = lived(
        Step(NOBODY, [REPORT]), Step(NOBODY, [signs_in("ada", 5), signs_in("bob", 6)]), Step(SOMEBODY, [])
    )

    assert_as_ever(town, always, SOMEBODY)


def test_whose_a_visitor_became_first_is_said_by_the_row_of_the_device() -> None:
    """The call that told so was archived after the next one."""
    town, always = lived(
        Step(NOBODY, [REPORT]),
        Step(NOBODY, [signs_in("cyd", 5)], lost=True),
        Step(NOBODY, [signs_in("bob", 6)]),
        Step(NOBODY, [signs_in("cyd", 5)], again=True),
        Step(SOMEBODY, []),
    )

    assert_as_ever(town, always, SOMEBODY)


@pytest.mark.parametrize("archived", [0, 1, 2])
@pytest.mark.parametrize("users", ["ada", "ada bob", "ada bob cyd"])
def test_nobody_is_given_what_was_done_on_a_device_of_which_the_archive_is_yet_to_tell(
    users: str, archived: int
) -> None:
    """The calls were counted by rules without people; who has the device is left until they are archived."""
    calls = [joins(user, at) for at, user in enumerate(users.split())]
    steps = [Step(NOBODY, [call], lost=at >= archived) for at, call in enumerate(calls)]
    town, always = lived(Step(NOBODY, [event("first", at=-HOUR)]), *steps, Step(SOMEBODY, [REPORT]))
    backfill(town, SOMEBODY)

    for call in calls:
        town.count(SOMEBODY, [call])
    assert_as_ever(town, always, SOMEBODY)


def test_a_device_that_was_somebodys_before_the_archive_began_is_theirs() -> None:
    """No call in the archive says so; its member does, and of the visitor nothing is left."""
    town, always = lived(Step(NOBODY, [joins("ada", -24 * 30)], lost=True), Step(SOMEBODY, [REPORT]))

    assert_as_ever(town, always, SOMEBODY)


def test_a_copy_is_known_though_the_call_before_it_was_archived_late() -> None:
    """Under whom the events lie says that the device changed hands."""
    town, always = lived(
        Step(NOBODY, [signs_in("ada", 2)], lost=True),
        Step(NOBODY, [REPORT]),
        Step(NOBODY, [signs_in("bob", 5)]),
        Step(NOBODY, [signs_in("ada", 2)], again=True),
        Step(SOMEBODY, [event(2, account=None, user="bob", at=6 * HOUR)]),
        Step(SOMEBODY, [done(1, 4, "Report Created", received=7)]),
    )

    assert_as_ever(town, always, SOMEBODY)


def test_what_was_counted_for_somebody_whose_call_was_archived_last_counts_for_no_other() -> None:
    """By then the device is the next one's, and that it was theirs is told by the call alone."""
    calls = [
        identify(user, user=user, anonymous="tab", account="acme", at=at * HOUR)
        for user, at in (("cyd", 2), ("bob", 5))
    ]
    town, always = lived(
        Step(PLAIN, [signs_in("ada", 1)]),
        Step(PLAIN, calls[:1], lost=True),
        Step(GROWN, [ORDER]),
        Step(GROWN, calls[1:]),
        Step(GROWN, calls[:1], again=True),
    )

    assert_as_ever(town, always)


def test_a_copy_is_known_though_the_call_that_says_whose_it_was_is_archived_last() -> None:
    """The archive knows of one owner when the copy comes, and learns of the first one later."""
    town, always = lived(
        Step(NOBODY, [REPORT]),
        Step(SOMEBODY, [signs_in("ada", 5)], lost=True),
        Step(SOMEBODY, [signs_in("bob", 6)]),
        Step(SOMEBODY, [done(1, 4, "Report Created", received=7)]),
        Step(SOMEBODY, [signs_in("ada", 5)], again=True),
    )

    assert_as_ever(town, always, SOMEBODY)


def test_what_came_again_before_it_was_archived_is_of_whom_it_was_first() -> None:
    """New rules counted it for the next one, and the account's ids say whose it was."""
    town, always = lived(
        Step(PLAIN, [signs_in("bob", 2)]),
        Step(PLAIN, [ORDER], lost=True),
        Step(PLAIN, [signs_in("ada", 5)]),
        Step(GROWN, [ORDER], again=True),
    )

    assert_as_ever(town, always)


def test_what_new_rules_were_first_to_look_at_counts_for_whom_they_counted_it() -> None:
    """It was archived when the device was another's, and counted in an account: no id says who did it."""
    town, _ = lived(
        Step(PLAIN, [*MEMBERS, signs_in("ada", 2)]),
        Step(PLAIN, [ORDER], lost=True),
        Step(PLAIN, [signs_in("bob", 5)]),
        Step(GROWN, [ORDER], again=True),
    )
    before = something_of(town.store)["p:bob"]

    assert {} == backfill(town, GROWN).left
    assert before == something_of(town.store)["p:bob"]
    assert "p:ada" not in something_of(town.store)


def test_what_others_did_beside_a_copy_stays_the_number_it_was() -> None:
    """Though as many events are told of as were counted, they are of other people."""
    town, always = lived(
        Step(PLAIN, [signs_in("ada", 2)]),
        Step(PLAIN, [ORDER]),
        Step(PLAIN, [signs_in("bob", 5)]),
        Step(PLAIN, [event(2, account=None, user="bob", at=6 * HOUR)]),
        Step(GROWN, [done(1, 4, received=7)]),
        Step(GROWN, [done(3, 8)]),
    )

    assert_as_ever(town, always)


def test_events_of_two_users_that_have_the_same_id_count_for_each() -> None:
    """One was done on the device, and the other names whose it was."""
    town, always = lived(
        Step(PLAIN, [signs_in("ada", 2)]),
        Step(PLAIN, [ORDER]),
        Step(PLAIN, [signs_in("bob", 5)]),
        Step(GROWN, [event(1, "Order Completed", account=None, user="bob", at=6 * HOUR)]),
    )

    assert_as_ever(town, always)


@pytest.mark.parametrize("subject", ["u:ada", "p:ada"])
def test_what_was_counted_in_a_row_that_cannot_be_read_counts_nowhere_else(subject: str) -> None:
    """Whoever has the device now is not given what was another's: neither the account nor the person."""
    steps = [
        Step(GROWN, [signs_in("ada", 2)]),
        Step(GROWN, [REPORT], lost=True),
        Step(GROWN, [signs_in("bob", 5)]),
        Step(GROWN, [REPORT], again=True),
        Step(GROWN, [done(2, 6)]),
    ]
    town, always = lived(*steps)
    town.store.accounts[subject] = Row(subject, newer=True)
    whole = something_of(always.store)
    left = backfill(town, GROWN).left

    assert subject in left
    mended = something_of(town.store)
    assert {one: kept for one, kept in whole.items() if one not in left} == {
        one: kept for one, kept in mended.items() if one not in left
    }
