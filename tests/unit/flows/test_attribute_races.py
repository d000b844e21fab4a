"""Attribution: whoever is overtaken by whom, nothing is lost or counted twice."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from fakes.attributing import MINUTE, loose, reports, run
from fakes.events import HOUR, group, identify
from fakes.interrupted_store import InterruptedStore
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Move, Row
from pql.core.errors import Conflict
from pql.core.event import Event
from pql.core.lead import Lead
from pql.core.member import Member


def test_whoever_becomes_a_user_who_moves_meanwhile_ends_where_the_user_does() -> None:
    """Between any two calls of the call that tells it."""
    ends = []
    for at in range(16):
        memory = MemoryStore()
        run(memory, loose(1, user=None, anonymous="x"), loose(2, at=1))
        job = {at: lambda memory=memory: run(memory, group("g", at=2))}
        store = InterruptedStore(memory, job)
        run(store, identify("i", at=3, anonymous="x"))
        store.rest()
        ends.append(reports(memory))

    assert [{"a:acme": 2}] * len(ends) == ends


def test_the_newest_of_calls_to_two_accounts_wins_within_the_hour() -> None:
    """In one batch always, and between batches for whoever has been in two places before."""
    together, apart = MemoryStore(), MemoryStore()
    calls = [group(1, "acme", at=0), group(2, "acme", at=40 * MINUTE), group(3, "globex", at=20 * MINUTE)]
    run(together, *calls)
    run(apart, group(0, "initech", at=-HOUR))
    for call in calls:
        run(apart, call)

    assert ["acme", "acme"] == [store.people["u:ada"].account for store in (together, apart)]


def test_a_link_that_somebody_else_wrote_meanwhile_is_left_with_all_its_subjects() -> None:
    """After a conflict the users behind the member are read again as well."""

    class Overtaken(MemoryStore):
        def move(self, move: Move, leads: Sequence[Lead]) -> None:
            if move.key == "n:x" and move.member.user == "bob" and not move.member.former:
                super().teach("u:ada", Member(account="acme", former=("a:old",)))
                super().teach("n:x", Member(user="ada"))
                raise Conflict("overtaken")
            super().move(move, leads)

    store = Overtaken()
    run(store, identify("i", "bob", anonymous="x"))

    assert ("bob", ("a:acme", "a:old", "u:ada")) == (store.people["n:x"].user, store.people["n:x"].former)


def test_everybody_of_a_batch_is_looked_up_again() -> None:
    """Also who stands behind somebody else of the account: a copy may be counted where they have gone."""
    ends = set()
    for at in itertools.count():
        store = MemoryStore()
        run(store, group("g"), group("h", user="bob"))
        mine, theirs = loose(1), loose(2, user="bob")

        def leave(store: MemoryStore = store, theirs: Event = theirs) -> None:
            run(store, group("i", "globex", "bob", at=1), theirs)

        interrupted = InterruptedStore(store, {at: leave})
        while run(interrupted, mine, theirs).failed:
            pass
        came = not interrupted.jobs
        interrupted.rest()
        ends.add(sum(reports(store).values()))
        if not came:
            break

    assert {2} == ends


def test_a_row_of_a_newer_deployment_is_not_folded() -> None:
    """The call comes again, and nothing was taught."""
    store = MemoryStore()
    store.accounts["u:ada"] = Row("u:ada", 1, newer=True)
    outcome = run(store, group("g"))

    assert (["m"], ["newer_version"], {}) == (
        outcome.failed,
        [fault.code for _, fault in outcome.faults],
        store.people,
    )


X = loose("x", user=None, anonymous="x")
U = loose("u")
# What was there before, the calls that move somebody, and the event whose copies race with them.
RACES = {
    "first account": ([], group("g", at=1), U),
    "first account, counted before": ([loose(1)], group("g", at=1), U),
    "another account": ([group("g", "old")], group("h", "acme", at=1), U),
    "device becomes a user": ([], identify("i", anonymous="x", at=1), X),
    "device becomes a user of an account": ([group("g")], identify("i", anonymous="x", at=1), X),
    "device changes hands": (
        [group("g"), identify("i", anonymous="x")],
        identify("j", "bob", anonymous="x", at=1),
        X,
    ),
    "device changes hands in one account": (
        [group("g"), group("h", user="bob"), identify("i", anonymous="x")],
        identify("j", "bob", anonymous="x", at=1),
        X,
    ),
    "user of the device goes elsewhere": (
        [group("g", "old"), identify("i", anonymous="x")],
        group("h", "acme", at=1),
        X,
    ),
}


@pytest.mark.parametrize("name", RACES)
def test_fault_034_a_copy_that_races_with_a_move_is_counted_once(name: str) -> None:
    """Whoever is overtaken by whom, at whatever call: two copies and the lesson between or around them."""
    before, lesson, copied = RACES[name]
    ends = set()
    orders = ([lesson, copied, copied], [copied, lesson, copied], [copied, copied, lesson])
    for jobs, nested in itertools.product(orders, (False, True)):
        for at in itertools.count():
            for then in itertools.count():
                store = MemoryStore()
                for one in before:
                    run(store, one)
                came = _interleaved(store, jobs, (at, then), nested=nested)
                ends.add(sum(reports(store).values()))
                if not came[1]:
                    break
            if not came[0]:
                break

    assert {1 + sum(one.type == "track" for one in before)} == ends


def _interleaved(
    store: MemoryStore, jobs: Sequence[Event], at: tuple[int, int], *, nested: bool
) -> tuple[bool, bool]:
    """Process the first job, interrupted at a call by the second, and that or the first by the third.

    Return whether the call of each interruption came: at any later one the end would be the same.
    """
    first, second, third = jobs
    came = [True, True]

    def last() -> None:
        _until_done(store, third)

    inner = InterruptedStore(store, {at[1]: last} if nested else {})

    def middle() -> None:
        _until_done(inner, second)
        if nested:
            came[1] = not inner.jobs
        inner.rest()

    more = {} if nested else {at[0] + 1 + at[1]: last}
    outer = InterruptedStore(store, {at[0]: middle, **more})
    _until_done(outer, first)
    came[0] = at[0] not in outer.jobs
    if not nested:
        came[1] = at[0] + 1 + at[1] not in outer.jobs
    outer.rest()
    return came[0], came[1]


def _until_done(store: Any, one: Event) -> None:
    while run(store, one).failed:
        pass
