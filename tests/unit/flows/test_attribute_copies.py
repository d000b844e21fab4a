"""Attribution: calls that come again teach nobody anything, whoever has the device by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fakes.attributing import loose, reports, run
from fakes.events import HOUR, event, group, identify
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Move
from pql.core.event import Event
from pql.core.lead import Lead
from pql.core.member import FORMER_KEPT, Member

DEVICE: dict[str, Any] = {"user": None, "anonymous": "x"}


def joins(key: object, account: str, at: int) -> Event:
    """Return a group call of the device that names no user."""
    return event(key, "", kind="group", account=account, at=at, **DEVICE)


def places(store: MemoryStore) -> dict[str, str | None]:
    """Return the account or user of every member there is."""
    return {key: one.user or one.account for key, one in store.people.items()}


@pytest.mark.parametrize("cut", [False, True], ids=["alone", "behind a copy of the former user's"])
def test_what_a_device_said_of_its_former_user_is_not_said_of_the_next(cut: bool) -> None:  # noqa: FBT001
    """A copy of it may come when the device has changed hands."""
    store = MemoryStore()
    mine, yours = identify("i", "ada", anonymous="x"), identify("j", "bob", anonymous="x", at=2)
    joined = joins("g", "acme", at=1)
    for one in (mine, joined, yours, loose(1, at=3, user="bob")):
        run(store, one)
    run(store, *([mine] if cut else []), joined)

    assert {"u:ada": "acme", "n:x": "bob"} == places(store)
    assert {"u:bob": 1} == reports(store)


def test_what_a_device_says_of_its_user_is_not_said_of_the_former_one() -> None:
    """Though a copy of the former user's call comes in the same batch before it."""
    store = MemoryStore()
    mine, yours = identify("i", "ada", anonymous="x"), identify("j", "bob", anonymous="x", at=2)
    joined = joins("g", "acme", at=3)
    for one in (mine, yours, joined):
        run(store, one)
    run(store, mine, joined)

    assert {"u:bob": "acme", "n:x": "bob"} == places(store)


@pytest.mark.parametrize("first", [0, FORMER_KEPT], ids=["few", "many"])
def test_who_had_the_device_before_is_known_however_many_places_they_had_left(first: int) -> None:
    """Of whoever had it eight places are remembered, and the user may not be among them."""
    store = MemoryStore()
    for number in range(first + 1):
        run(store, group(number, f"a{number}", at=number))
    run(store, identify("i", anonymous="x", at=20), joins("g", "acme", at=21))
    run(store, identify("j", "bob", anonymous="x", at=22))
    run(store, joins("g", "acme", at=21))

    assert {"u:ada": "acme", "n:x": "bob"} == places(store)


def test_what_a_visitor_said_moves_no_user_who_had_an_account_of_their_own() -> None:
    """They kept it when they signed in on the device, and keep it when the visitor's calls come again."""
    store = MemoryStore()
    told = [joins("g", "acme", at=2), identify("v", None, anonymous="x", at=3, name="A Visitor")]
    for one in (group("h", "globex", at=1), *told, identify("i", anonymous="x", at=4)):
        run(store, one)
    run(store, *told)

    assert {"u:ada": "globex", "n:x": "ada"} == places(store)
    assert store.people["u:ada"].name is None


def test_a_visitors_account_is_inherited_though_the_call_comes_late() -> None:
    """As it would have been, had it come before the one that says who the visitor is."""
    store = MemoryStore()
    run(store, identify("i", anonymous="x", at=2), loose(1, at=2))
    run(store, joins("g", "acme", at=1))

    assert {"u:ada": "acme", "n:x": "ada"} == places(store)
    assert {"a:acme": 1} == reports(store)


@pytest.mark.parametrize(
    "calls",
    [
        [group("a", "acme"), group("b", "globex", at=1), group("c", "acme", at=2)],
        [identify(key, user, anonymous="x", at=at) for at, (key, user) in enumerate(["ia", "jb", "ka"])],
        [
            identify("i", "ada", anonymous="x"),
            joins("g", "acme", at=1),
            identify("j", "bob", anonymous="x", at=2),
        ],
    ],
    ids=["to an account and back", "to a user and back", "to a user"],
)
@pytest.mark.parametrize("apart", [0, 1])
def test_where_somebody_was_between_two_calls_of_a_batch_is_remembered(
    calls: Sequence[Event], apart: int
) -> None:
    """A copy of a call from then comes too late, though it is within the hour of the one before."""
    store = MemoryStore()
    for batch in (calls[:apart], calls[apart:]):
        run(store, *batch)
    before = dict(store.people)
    run(store, calls[1])

    assert before == store.people


def test_what_a_device_says_while_somebody_signs_in_on_it_is_said_of_them() -> None:
    """Another worker writes whose it is after it was read, and before the call is learned."""

    class Overtaken(MemoryStore):
        overtaken = False

        def move(self, move: Move, leads: Sequence[Lead]) -> None:
            if not self.overtaken:
                self.overtaken = True
                run(self, identify("i", anonymous="x"))
            super().move(move, leads)

    store = Overtaken()
    run(store, joins("g", "acme", at=HOUR))

    assert {"u:ada": "acme", "n:x": "ada"} == places(store)


def test_a_user_of_an_erased_account_is_not_brought_back_by_an_old_call() -> None:
    """What was taught before the erasure teaches nothing any more."""
    store = MemoryStore()
    erased_at = event(0, at=2 * HOUR).time
    store.people = {"u:ada": Member(1, account_at=erased_at), "n:x": Member(1, user="ada", user_at=erased_at)}
    run(store, joins("g", "acme", at=HOUR))

    assert {"u:ada": None, "n:x": "ada"} == places(store)


def test_of_two_names_told_in_one_millisecond_the_one_that_comes_last_holds() -> None:
    """Nothing says which was told last, so a copy decides, too: the limit that the promise names."""
    store = MemoryStore()
    names = [identify(name, name=name) for name in ("Ada", "Countess")]
    run(store, *names)
    before = store.people["u:ada"].name
    run(store, names[0])

    assert ("Countess", "Ada") == (before, store.people["u:ada"].name)
