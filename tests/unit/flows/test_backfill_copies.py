"""Backfilling: what is sent again counts once, for whose it was when it came first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from fakes.backfilling import GROWN, PLAIN, Lost, assert_as_ever, backfill, done, signs_in, something_of
from fakes.events import HOUR, event, group
from fakes.town import Town
from pql.core.event import Event


def owners() -> list[Event]:
    """Return a history of a device that three people have, on which each sends the others' events again."""
    return [
        done(0, 0),
        signs_in("ada", 1),
        done(1, 2),
        event(2, "Order Completed", account=None, user="bob", at=3 * HOUR),
        group(3, user="ada", account="acme", at=4 * HOUR, seats=9),
        signs_in("bob", 5),
        done(0, 0, received=6),
        done(1, 2, received=7),
        done(4, 8),
        signs_in("cyd", 9),
        done(1, 2, received=10),
        done(4, 8, received=11),
        done(5, 12, "Report Created"),
        event(6, "Order Completed", account=None, user="cyd", at=13 * HOUR),
        signs_in("bob", 14),
        done(5, 12, "Report Created", received=15),
    ]


def town_of(events: Sequence[Event]) -> Town:
    """Return a town that has counted these by the new rules, each for itself."""
    town = Town()
    for one in events:
        town.count(GROWN, [one])
    return town


@pytest.mark.parametrize("cut", range(17))
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_copy_that_new_rules_saw_first_counts_for_whose_device_it_was(size: int, cut: int) -> None:
    """The old ones did not ask about it: so it was counted for the person who had the device by then.

    In one batch everybody knows from the first event on whose the device is at the end.
    """
    town, always = Town(), Town()
    for start in range(0, len(owners()), size):
        batch = owners()[start : start + size]
        town.count(PLAIN if start < cut else GROWN, batch)
        always.count(GROWN, batch)

    assert_as_ever(town, always)


@pytest.mark.parametrize("lost", range(16))
def test_of_what_was_not_archived_at_first_the_copies_count_for_whose_device_it_was(lost: int) -> None:
    """The archive has it under somebody else, or the call after what it was to tell."""
    town = Town()
    for place, one in enumerate(owners()):
        town.count(GROWN, [one], archive=Lost() if place == lost else None)
    town.count(GROWN, [owners()[lost]])

    assert_as_ever(town, town_of(owners()))


def of_acme(user: str, account: str | None, at: int, key: int = 5) -> Event:
    """Return an order of a member of Acme, of the same hour whenever it comes."""
    return event(key, "Order Completed", at=2 * HOUR, received=at * HOUR, user=user, account=account)


@pytest.mark.parametrize(
    "copies",
    [
        [of_acme("ada", None, 3), of_acme("ada", "acme", 4)],
        [of_acme("ada", "acme", 3), of_acme("ada", None, 4)],
        [of_acme("ada", None, 3), of_acme("bob", None, 4)],
        [of_acme("ada", "acme", 3), of_acme("ada", "globex", 4)],
        [of_acme("ada", None, 3), of_acme("ada", "globex", 4), of_acme("bob", "globex", 5)],
    ],
    ids=["then named", "named before", "of two users", "in two accounts", "in two accounts again"],
)
def test_an_id_counts_once_in_each_account(copies: list[Event]) -> None:
    """By whomever it is sent, and whether the account is named or known: as it was counted."""
    story = [group(("in", user), user=user, at=HOUR, seats=9) for user in ("ada", "bob")] + copies
    town, always = Town(), town_of(story)
    for one in story:
        town.count(PLAIN, [one])
    more = event(9, "Order Completed", at=9 * HOUR)
    town.count(GROWN, [more])
    always.count(GROWN, [more])

    assert_as_ever(town, always)


def erased(town: Town, user: str) -> None:
    """Let nothing be left of a user but ids, as an erasure does, in the table and the archive."""
    for subject in (f"u:{user}", f"p:{user}"):
        if row := town.store.accounts.get(subject):
            blank = msgspec.structs.replace(row, version=row.version + 1, state=b"", moved=None, wake=None)
            town.store.accounts[subject] = blank
    for batch, lines in town.archive.batches.items():
        kept = [line for line in lines if line[0] != f"u:{user}" and line[1].user != user]
        town.archive.batches[batch] = kept


@pytest.mark.parametrize("plan", [PLAIN, GROWN])
def test_what_somebody_did_who_was_erased_counts_for_nobody(plan: Any) -> None:
    """Though the archive has a copy of it under whoever had the device next: the ids say it was counted."""
    story = [signs_in("ada", 0), done(1, 1, "Report Created"), signs_in("bob", 2)]
    copies = [done(1, 1, "Report Created", received=3)]
    own = [done(2, 4), done(3, 5, "Report Created")]
    town = Town()
    for one in (*story, *copies):
        town.count(plan, [one])
    for one in own:
        town.count(GROWN, [one])
    erased(town, "ada")
    before = {one: town.store.accounts.get(one) for one in ("u:ada", "p:ada")}
    found = backfill(town, GROWN)
    bobs = something_of(town_of([signs_in("bob", 2), *own]).store)

    assert {} == found.left
    assert before == {one: town.store.accounts.get(one) for one in before}
    assert bobs == something_of(town.store)
