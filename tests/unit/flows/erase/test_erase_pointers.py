"""Others name somebody erased for as long as copies are looked up by it, and then no longer."""

from __future__ import annotations

import msgspec

from fakes.erasing import ADA, NOW, World
from fakes.events import DAY, event, identify
from fakes.memory_holdings import MemoryHoldings
from pql.core.erasure import Whom
from pql.core.keys import as_person
from pql.core.member import Member, Members

ACME = Whom(accounts=frozenset({"a:acme"}))
PHONE = {"user": None, "account": None, "anonymous": "phone"}
# The phone was ada's, and is bob's.
LENT = [
    event("looks", **PHONE),
    identify("hers", "ada", at=1, anonymous="phone"),
    event("she looks", at=2, **PHONE),
    identify("his", "bob", at=3, anonymous="phone"),
]


def ended(world: World, *subjects: str) -> None:
    """Let the rows and ids of `subjects` have come to their end."""
    for one in subjects:
        world.store.accounts.pop(one, None)
        world.store.people.pop(one, None)


def test_a_device_that_is_anothers_names_the_erased_while_there_are_ids() -> None:
    """A copy of what she did with it counts nothing, and the receipt says that it is known."""
    world = World(LENT)
    receipt = world.erase(ADA)
    before = world.store.accounts["u:bob"]
    world.count(event("she looks", at=2, **PHONE))

    assert (1, 0) == (receipt.pointing, receipt.erased["former places"])
    assert "u:ada" in world.store.people["n:phone"].former
    assert before == world.store.accounts["u:bob"]


def test_once_the_ids_have_ended_the_name_goes_with_the_next_erasure() -> None:
    """Nothing else of the device changes, and a third run has nothing to do."""
    world = World(LENT)
    world.erase(ADA)
    ended(world, "u:ada", as_person("u:ada"))
    device = world.store.people["n:phone"]
    second, third = world.erase(ADA), world.erase(ADA)
    left = tuple(one for one in device.former if one != "u:ada")

    assert (0, 1, 0) == (second.pointing, second.erased["former places"], third.erased["former places"])
    assert (
        msgspec.structs.replace(device, former=left, version=device.version + 1)
        == (world.store.people["n:phone"])
    )


def test_the_ids_of_the_person_keep_the_name_too() -> None:
    """What she did with the phone was counted of her as a person, whatever else has come to its end."""
    world = World(LENT)
    world.erase(ADA)
    ended(world, "u:ada")
    receipt = world.erase(ADA)
    before = world.store.accounts.get("p:bob")
    world.count(event("she looks", at=2, **PHONE))

    assert (1, 0) == (receipt.pointing, receipt.erased["former places"])
    assert before == world.store.accounts.get("p:bob")


def test_ids_that_have_left_the_row_keep_the_name_too() -> None:
    """The row comes to its end before the last of the buckets does."""
    world = World(LENT)
    world.erase(ADA)
    ended(world, "u:ada", as_person("u:ada"))
    world.store.spill("u:ada", {"0.1.": {b"0123456789"}}, NOW // 1_000)

    assert 1 == world.erase(ADA).pointing


def test_what_is_erased_itself_is_nobody_elses() -> None:
    """A phone that was hers, then his, and is hers again goes with her."""
    world = World([*LENT, identify("hers again", "ada", at=4, anonymous="phone")])
    former = world.store.people["n:phone"].former

    assert ({"u:ada", "u:bob"}, 0) == ({*former}, world.erase(ADA).pointing)


def test_the_users_of_an_erased_account_name_it_as_long() -> None:
    """Those whom this very run takes out of it are told of, too."""
    world = World()
    looks, receipt, again = world.erase(ACME, write=False), world.erase(ACME), world.erase(ACME)
    ended(world, "a:acme")
    last = world.erase(ACME)

    assert [1, 1, 1, 0] == [one.pointing for one in (looks, receipt, again, last)]
    assert "a:acme" not in world.store.people["u:ada"].former


def test_who_has_left_such_a_place_anew_meanwhile_keeps_its_name() -> None:
    """It is looked up there from now on, whatever an earlier look has said."""

    class Meanwhile(MemoryHoldings):
        def members(self, keys: list[str]) -> Members:  # type: ignore[override]
            if [*keys] == ["n:phone"]:
                taught: Member = self.store.people["n:phone"]
                self.store.people["n:phone"] = msgspec.structs.replace(taught, version=taught.version + 1)
            return super().members(keys)

    world = World(LENT)
    world.erase(ADA)
    ended(world, "u:ada", as_person("u:ada"))
    world.erase(ADA, Meanwhile(world.store))

    assert "u:ada" in world.store.people["n:phone"].former


def test_who_is_erased_meanwhile_by_another_still_ends() -> None:
    """A member that says already what it is to say is left alone, and with it its end."""

    class Meanwhile(MemoryHoldings):
        def members(self, keys: list[str]) -> Members:  # type: ignore[override]
            if [*keys] == ["n:phone"] and ("member", "n:phone") not in self.store.ends:
                world.erase(Whom(keys=frozenset({"n:phone"})))
            return super().members(keys)

    world = World(LENT)
    world.erase(ADA)
    ended(world, "u:ada", as_person("u:ada"))
    world.erase(ADA, Meanwhile(world.store))

    assert ("member", "n:phone") in world.store.ends


def test_what_ends_by_itself_is_left_to_end() -> None:
    """A device that was erased still ends after the erasure of whom it had been before."""
    world = World(LENT)
    world.erase(Whom(keys=frozenset({"n:phone"})))
    ends = world.store.ends["member", "n:phone"]
    world.erase(ADA)
    ended(world, "u:ada", as_person("u:ada"))
    receipt = world.erase(ADA)

    assert (0, ends) == (receipt.pointing, world.store.ends["member", "n:phone"])
    assert DAY < ends
