"""Whoever was folded into an account that is erased is part of nothing any more."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import msgspec

from fakes.erasing import World
from fakes.events import DAY, HOUR, event, group, identify
from fakes.memory_holdings import MemoryHoldings
from pql.core.account import Row
from pql.core.erasure import Whom

ACME = Whom(accounts=frozenset({"a:acme"}))


def test_a_user_of_an_erased_account_is_part_of_nothing(world: World) -> None:
    """What was done on their own comes along again when they join an account, and nothing of before."""
    receipt = world.erase(ACME)
    user = world.store.accounts["u:ada"]
    world.count(event("alone again", at=2 * DAY + HOUR, account=None))
    alone = world.store.accounts["u:ada"]
    world.count(group("joins again", at=2 * DAY + 2 * HOUR))

    assert (None, None, "a:acme") == (user.moved, alone.moved, world.store.accounts["u:ada"].moved)
    assert (1, 1) == (receipt.erased["moves"], world.values("a:acme")[0])
    assert ("row", "u:ada") not in world.store.ends


def test_who_was_counted_alone_before_the_erasure_came_to_them_keeps_it(world: World) -> None:
    """What is in their row is theirs: a worker came between the members and the rows."""
    alone = World([event("alone", user="cy", account=None)]).store.accounts["u:cy"]
    world.store.accounts["u:cy"] = msgspec.structs.replace(alone, moved="a:acme")
    world.erase(ACME)

    assert b"" != alone.state
    assert msgspec.structs.replace(alone, version=alone.version + 1) == world.store.accounts["u:cy"]


class Meanwhile(MemoryHoldings):
    """Somebody does something before the row is read that is the `at`th to be written."""

    def __init__(self, world: World, at: int, do: Callable[[], object]) -> None:
        super().__init__(world.store)
        self.reads, self.at, self.do = 0, at, do

    def row(self, subject: str) -> Row | None:
        """Return a row as it is by then."""
        if self.reads == self.at:
            self.do()
        self.reads += 1
        return super().row(subject)


def test_whoever_joins_another_account_meanwhile_is_part_of_that() -> None:
    """Before any row is read."""
    for at in itertools.count():
        world = World()
        joins = group("joins another", at=2 * DAY, account="beta")
        holdings = Meanwhile(world, at, lambda world=world, joins=joins: world.count(joins))  # type: ignore[misc]
        world.erase(ACME, holdings)
        if holdings.reads <= at:
            break
        assert ("a:beta", None) == (
            world.store.accounts["u:ada"].moved,
            world.store.ends.get(("row", "u:ada")),
        ), at
    assert at


def test_a_device_that_was_somebodys_who_is_erased_is_part_of_nothing() -> None:
    """Though by now it is another's, and so not erased with them."""
    phone = {"user": None, "account": None, "anonymous": "phone"}
    world = World(
        [
            event("looks", **phone),
            identify("hers", "ada", at=1, anonymous="phone"),
            identify("his", "bob", at=2, anonymous="phone"),
        ]
    )
    before = world.store.accounts["n:phone"].moved
    world.erase(Whom(keys=frozenset({"u:ada"})))

    assert ("u:ada", None) == (before, world.store.accounts["n:phone"].moved)
