"""What stays under the key of somebody erased says nothing of them, ends, and brings nothing back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fakes.erasing import ADA, MAIL, NOW, PLAN, World
from fakes.events import DAY, HOUR, START, event, group, identify
from fakes.memory_holdings import MemoryHoldings
from pql.core.account import Row
from pql.core.erasure import Whom
from pql.core.event import Event
from pql.core.keys import user_key
from pql.core.member import Member, Members
from pql.engine.state import unpack

ACME = Whom(accounts=frozenset({"a:acme"}))
KEPT = NOW // 1_000 + 45 * 86_400
# She is ahead of our clock by an hour.
AHEAD = 2 * DAY + HOUR
BEFORE = 2 * DAY - HOUR


@pytest.mark.parametrize(
    "story",
    [
        [identify("who", name="Ada Lovelace", email=MAIL)],
        [identify("who", at=AHEAD, received=BEFORE, name="Ada Lovelace")],
        [group("joins", at=AHEAD, received=BEFORE)],
        [identify("who", at=AHEAD, received=BEFORE, anonymous="phone")],
        [identify("who", at=2 * DAY, name="Ada Lovelace")],
        [group("joins", at=2 * DAY)],
    ],
    ids=["name", "name ahead", "account ahead", "device ahead", "name now", "account now"],
)
def test_a_copy_of_an_old_call_teaches_nothing(story: Sequence[Event]) -> None:
    """Neither a name nor an account, be it of a time that is still to come."""
    world = World(story)
    world.erase(ADA)
    before, rows, ends = dict(world.store.people), dict(world.store.accounts), dict(world.store.ends)
    world.count(*story)

    assert before == world.store.people
    assert (rows, ends) == (world.store.accounts, world.store.ends)


@pytest.mark.parametrize("story", [[group("joins")], [group("joins"), identify("who", at=1, name="Ada")]])
def test_who_belongs_nowhere_any_more_ends_too(story: Sequence[Event]) -> None:
    """Their account was erased before them, and what is left is their key, or that and a name."""
    world = World(story)
    world.erase(ACME)
    would, receipt, again = world.erase(ADA, write=False), world.erase(ADA), world.erase(ADA)

    assert KEPT == world.store.ends.get(("member", "u:ada"))
    assert would.erased == receipt.erased
    assert [True, False] == [any(one.erased.values()) for one in (receipt, again)]


def test_who_has_nothing_but_a_name_loses_that_alone() -> None:
    """It is told of once, and the member ends with it."""
    world = World([])
    world.store.people["u:ada"] = Member(1, name="Ada Lovelace", profile_at=START)
    receipt = world.erase(ADA)

    assert {"names": 1} == {name: number for name, number in receipt.erased.items() if number}
    assert Member(2, profile_at=NOW) == world.store.people["u:ada"]
    assert KEPT == world.store.ends["member", "u:ada"]


def test_a_copy_of_an_old_call_brings_nobody_back_into_an_erased_account() -> None:
    """Of a time that is still to come, too."""
    story = [group("joins", at=AHEAD, received=BEFORE)]
    world = World(story)
    world.erase(ACME)
    before = dict(world.store.people)
    world.count(*story)

    assert before == world.store.people


def test_a_row_without_ids_keeps_no_name_of_the_place() -> None:
    """It is there because somebody left: no copy of anything will be looked up in it."""
    world = World([])
    world.store.people["u:bob"] = Member(1, former=("a:acme",))
    world.store.accounts["a:acme"] = Row("a:acme", 1)
    receipt = world.erase(ACME)

    assert ((), False, 0) == (world.store.people["u:bob"].former, receipt.keeps, receipt.pointing)


def test_who_comes_back_while_they_are_erased_does_not_end() -> None:
    """They lose the name, which goes last, and belong where they say that they do."""

    class Meanwhile(MemoryHoldings):
        def members(self, keys: list[str]) -> Members:  # type: ignore[override]
            known: Member = self.store.people["u:ada"]
            if known.account is None and ("member", "u:ada") in self.store.ends:
                world.count(group("back", at=3 * DAY))
            return super().members(keys)

    world = World([group("joins"), identify("who", at=1, name="Ada Lovelace")])
    world.erase(ADA, Meanwhile(world.store))
    ada = world.store.people["u:ada"]

    assert ("acme", None) == (ada.account, ada.name)
    assert ("member", "u:ada") not in world.store.ends


def test_where_they_came_back_to_is_forgotten_once_they_are_erased_again() -> None:
    """Though nothing was counted anew of their own, and the row had been about to end."""
    world = World([event("alone", account=None)])
    world.erase(ADA)
    world.count(group("back", at=3 * DAY, user="ada"))
    before = world.store.accounts["u:ada"]
    receipt = world.erase(ADA)

    assert ("a:acme", None) == (before.moved, world.store.accounts["u:ada"].moved)
    assert 1 == receipt.erased["counters"]
    assert ("row", "u:ada") in world.store.ends


def test_a_place_that_nothing_was_counted_in_is_no_counter() -> None:
    """Who erases raises the version of what somebody leaves, and of that too says the same beforehand."""
    world = World([identify("who", anonymous="phone"), event("named", at=1)])
    world.store.accounts.pop("u:ada", None)
    would, receipt = world.erase(ADA, write=False), world.erase(ADA)

    assert (would.erased, would.keeps) == (receipt.erased, receipt.keeps)
    assert ("row", "u:ada") in world.store.ends


@pytest.mark.parametrize(("whom", "keeps"), [("ada", True), ("bob", True), ("nobody", False)])
def test_a_receipt_says_whether_a_key_stays(whom: str, *, keeps: bool) -> None:
    """Of who has a name and nothing else, too."""
    world = World([event("alone", account=None)])
    world.store.people["u:bob"] = Member(1, name="Bob", profile_at=START)
    key = user_key(whom)
    receipts = [world.erase(Whom(keys=frozenset({key}), words=frozenset({whom}))) for _ in range(2)]

    assert [keeps, keeps] == [one.keeps for one in receipts]


@pytest.mark.parametrize("ada", ["x" * 70, "日本" * 20], ids=["long", "hashed"])
def test_somebody_of_a_long_id_is_erased(ada: str) -> None:
    """Of 64 letters that are shown of it, and where its key is a hash."""
    story = [event(index, user=ada, at=index) for index in range(3)]
    world = World([*story, event("his", user="bob", at=9)])
    world.erase(Whom(keys=frozenset({user_key(ada)}), words=frozenset({ada})))

    assert [4, 1, 0] == list(world.values()[:3])
    assert {"bob"} == set(unpack(PLAN, "a:acme", world.store.accounts["a:acme"].state).people)
    (lead,) = [one.lead for key, one in world.store.leads.items() if key.subject == "a:acme"]
    assert [] == [one for one in lead.people if one.id != "bob"]
