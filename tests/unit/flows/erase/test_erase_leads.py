"""Leads that stay lose the people in what was said of them, and those of the erased go, readable or not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from fakes.erasing import World
from fakes.memory_holdings import MemoryHoldings
from pql.core.keys import LeadKey
from pql.core.lead_state import Life
from pql.flows.holdings import Held, Receipt

BUSY = LeadKey("a:acme", "busy", 1)


def dismissed(world: World, reason: str) -> None:
    """Let somebody have dismissed the account's lead for a reason."""
    standing = Life("dismissed", "kim", reason=reason, changed=5, answered=5)
    world.store.leads[BUSY] = msgspec.structs.replace(
        world.store.leads[BUSY], sent={"slack": 5}, standing=standing
    )


def mentions(*receipts: Receipt) -> list[int]:
    """Return of how many leads receipts say that somebody was taken out."""
    return [one.erased["mentions in leads"] for one in receipts]


@pytest.mark.parametrize(
    ("reason", "left"), [("Ask Ada Lovelace", "Ask [erased]"), ("too small", "too small")]
)
def test_why_a_lead_was_dismissed_does_not_tell_of_the_person(world: World, reason: str, left: str) -> None:
    """Whoever dismissed it, and when, stays as it is."""
    dismissed(world, reason)
    before = world.store.leads[BUSY].standing
    world.erase()

    assert msgspec.structs.replace(before, reason=left) == world.store.leads[BUSY].standing


def test_a_reason_is_erased_though_the_lead_says_nothing(world: World) -> None:
    """And the card, which does not show it, is nothing that anybody must delete."""
    world.erase()
    dismissed(world, "Ask Ada Lovelace")
    world.store.people["u:ada"] = msgspec.structs.replace(world.store.people["u:ada"], name="Ada Lovelace")
    would = world.erase(write=False)
    unchanged = world.store.leads[BUSY].standing.reason
    receipt, again = (world.erase(), world.erase())

    assert ("Ask Ada Lovelace", "Ask [erased]") == (unchanged, world.store.leads[BUSY].standing.reason)
    assert [1, 1, 0] == mentions(would, receipt, again)
    assert [] == receipt.told


def test_a_lead_of_the_erased_goes_though_nobody_can_read_it(world: World) -> None:
    """Where it lies is known, and who has it is not: a lead of another that nobody can read is told of."""
    deleted = []

    class Damaged(MemoryHoldings):
        def everything(self) -> Iterator[Held]:
            for subject in ("p:ada", "a:acme"):
                yield Held("lead", subject, lead=LeadKey(subject, "damaged", 1))
            yield from super().everything()

        def delete_lead(self, key: LeadKey) -> None:
            deleted.append(key)
            super().delete_lead(key)

    would = world.erase(holdings=Damaged(world.store), write=False)
    looked = list(deleted)
    receipt = world.erase(holdings=Damaged(world.store))

    assert ([], True) == (looked, LeadKey("p:ada", "damaged", 1) in deleted)
    assert would.erased == receipt.erased
    assert ["a lead of a:acme that cannot be read"] == receipt.unread
