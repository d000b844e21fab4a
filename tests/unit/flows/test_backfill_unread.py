"""Backfilling: a row that cannot be read or written is left, with all that it may be part of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest

from fakes.backfilling import GROWN, always_town, backfill, done, grown_town, held, signs_in
from fakes.events import HOUR, event, group
from fakes.town import Town
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Row
from pql.core.errors import NewerVersion, Unwritable
from pql.core.lead import Lead
from pql.core.member import FORMER_KEPT, Member
from pql.engine.layout import SCHEMA, read, written

NEWER = "written by a newer deployment, or damaged"


def spoilt(town: Town, subject: str) -> None:
    """Let the ids of a row be such that nobody can read them: then nothing is known of it."""
    town.store.accounts[subject] = Row(subject, newer=True, wake=town.store.accounts[subject].wake)


def assert_others_as_ever(town: Town, left: Sequence[str]) -> None:
    """Assert that all but these rows are what they would always have been, and these what they were."""
    before = {one: town.store.accounts.get(one) for one in left}
    found = backfill(town, GROWN)
    assert sorted(left) == sorted(found.left)
    assert before == {one: town.store.accounts.get(one) for one in left}
    whole, mended = held(always_town(), GROWN), held(town.store, GROWN)
    assert {one: kept for one, kept in whole.items() if one not in left} == {
        one: kept for one, kept in mended.items() if one not in left
    }


@pytest.mark.parametrize("subject", ["a:globex", "p:bob", "p:ada", "n:tab"])
def test_a_row_that_cannot_be_read_holds_up_no_other(subject: str) -> None:
    """Whether it is damaged or a newer deployment's nobody knows; it is left and named."""
    town = grown_town()
    spoilt(town, subject)

    assert f"{NEWER}: the ids of {subject} cannot be read" == backfill(town, GROWN, write=False).left[subject]
    assert_others_as_ever(town, [subject])


@pytest.mark.parametrize(
    ("subject", "left"),
    [("u:ada", ["u:ada", "a:acme"]), ("n:dev", ["n:dev", "a:acme"]), ("v:dev", ["v:dev", "p:ada"])],
)
def test_what_a_row_that_cannot_be_read_may_be_part_of_is_left_too(subject: str, left: list[str]) -> None:
    """Whether what the archive has of it belongs to itself or to an account nobody can tell."""
    town = grown_town()
    spoilt(town, subject)

    assert (
        f"{NEWER}: {subject} may be part of it, and cannot be read"
        == backfill(town, GROWN, write=False).left[left[1]]
    )
    assert_others_as_ever(town, left)


def test_who_was_in_too_many_places_to_be_known_ends_it() -> None:
    """Beyond the eight that are remembered the row may be part of any account."""
    town = grown_town()
    for place in range(FORMER_KEPT):
        town.count(GROWN, [group(("joins", place), user="ada", account=f"a{place}", at=(20 + place) * HOUR)])
    spoilt(town, "u:ada")
    before = {**town.store.accounts}

    with pytest.raises(NewerVersion, match="nobody can tell where u:ada belongs"):
        backfill(town, GROWN)
    assert before == town.store.accounts


def test_a_row_of_which_the_archive_has_nothing_is_part_of_nothing_that_counts() -> None:
    """In however many places it was: whatever it is part of is what it would always have been."""
    town = grown_town()
    town.store.people["u:eve"] = Member(9, former=tuple(f"a:a{place}" for place in range(FORMER_KEPT)))
    town.store.accounts["u:eve"] = Row("u:eve", newer=True)

    assert_others_as_ever(town, ["u:eve"])


def test_what_is_part_of_a_row_that_cannot_be_read_is_lost_to_no_other() -> None:
    """The archive has something of the device alone, which became a user's, whose row nobody can read."""
    story = [done(1, 0), signs_in("ada", 1), group(2, at=2 * HOUR), event(3, "Order Completed", at=3 * HOUR)]
    town = Town()
    for one in story:
        town.count(GROWN, [one])
    for batch, lines in town.archive.batches.items():
        town.archive.batches[batch] = [line for line in lines if line[0] != "u:ada"]
    spoilt(town, "u:ada")
    before = town.store.accounts["a:acme"]

    assert "a:acme" in backfill(town, GROWN).left
    assert before == town.store.accounts["a:acme"]


def test_a_table_that_nobody_can_read_is_refused() -> None:
    """Nothing is written, not even which rules there are: the command of the newer version is to be used."""
    town = grown_town()
    for subject in town.store.accounts:
        spoilt(town, subject)
    town.store.declared.clear()
    before, writes = {**town.store.accounts}, town.store.writes

    with pytest.raises(NewerVersion, match=f"none of {len(before)} rows can be read: {NEWER}"):
        backfill(town, GROWN)
    assert (before, writes, {}) == (town.store.accounts, town.store.writes, town.store.declared)


def newer(state: bytes) -> bytes:
    """Return counters as a newer deployment packs them."""
    return written(read(state)._replace(schema=SCHEMA + 1))


def damaged(_: bytes) -> bytes:
    """Return what is no counters."""
    return b"damaged"


@pytest.mark.parametrize(("spoil", "why"), [(newer, NEWER), (damaged, "no account state")])
def test_counters_that_cannot_be_read_hold_up_no_other(spoil: Callable[[bytes], bytes], why: str) -> None:
    """Their row is left and named."""
    town = grown_town()
    row = town.store.accounts["p:bob"]
    town.store.accounts["p:bob"] = msgspec.structs.replace(row, state=spoil(row.state))

    assert backfill(town, GROWN, write=False).left["p:bob"].startswith(why)
    before = town.store.accounts["p:bob"]
    assert ["p:bob"] == [*backfill(town, GROWN).left]
    assert before is town.store.accounts.pop("p:bob")
    whole = held(always_town(), GROWN)
    del whole["p:bob"]
    assert whole == held(town.store, GROWN)


def test_a_row_that_cannot_be_written_holds_up_no_other() -> None:
    """It is left and named: too large for the table."""

    class Refusing(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if change.row.subject == "a:globex":
                raise Unwritable("too large")
            super().commit(change, leads)

    town, refusing = grown_town(), Refusing()
    vars(refusing).update(vars(town.store))
    left = backfill(town, GROWN, store=refusing).left

    assert {"a:globex": "too large"} == left
    whole, mended = held(always_town(), GROWN), held(town.store, GROWN)
    del whole["a:globex"], mended["a:globex"]
    assert whole == mended
