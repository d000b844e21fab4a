"""Erasing: nothing of a person is left, old events count nothing again, and others keep what they did."""

from __future__ import annotations

from collections.abc import Iterator

from fakes.erasing import ADA, DEVICES, MAIL, NOW, PLAN, STORY, World
from fakes.events import DAY, START, event, group
from fakes.leads import northwind
from fakes.memory_holdings import MemoryHoldings
from pql.core.account import Row
from pql.core.erasure import Whom, scrubbed
from pql.core.lead import Person
from pql.engine.state import unpack
from pql.flows.holdings import Held


def test_fault_105_nothing_tells_of_a_person_any_more(world: World) -> None:
    """Neither their id, nor their name, nor their address, nor their device; wherever it had been."""
    before = world.told()
    receipt = world.erase()
    after = world.told()

    assert all(word in before for word in ("Ada Lovelace", MAIL, "'ada'", "phone"))
    assert [] == [word for word in ("Ada Lovelace", MAIL, "'ada'", '"ada"', "u:ada'}") if word in after]
    assert set() == {key.subject for key in world.store.leads} & {"u:ada", "p:ada", "n:phone", "v:phone"}
    assert {"2025-01-01": len(STORY) + len(DEVICES) - 1} == receipt.days


def test_what_others_did_stays_counted(world: World) -> None:
    """An account keeps how often something was done; who did it is one person fewer."""
    reports, people, *_ = world.values()
    world.erase()

    assert (6, 3) == (reports, people)
    assert [6, 1, 0, 1, "bob@acme.example"] == list(world.values()[:5])
    assert {"bob"} == set(unpack(PLAN, "a:acme", world.store.accounts["a:acme"].state).people)


def test_fault_105_an_old_event_that_comes_again_counts_nothing(world: World) -> None:
    """Not under the account, nor under the person or device, nor does an old call teach anything."""
    world.erase()
    before = world.told()
    outcome = world.count(*STORY, *DEVICES)
    world.archive.batches.popitem()

    assert 0 == outcome.counts["EventsCounted"] + outcome.counts["EventsCountedForPeople"]
    assert before == world.told()


def test_who_comes_back_begins_anew(world: World) -> None:
    """A later call teaches again, and nothing of the past is known."""
    world.erase()
    world.count(group("back", at=3 * DAY, received=3 * DAY), event("new", at=3 * DAY + 1, account=None))

    assert "acme" == world.store.people["u:ada"].account
    assert (7, 2) == tuple(world.values()[:2])


def test_looking_writes_nothing(world: World) -> None:
    """The receipt of what would be erased is that of what is, and the table is as it was."""
    before = world.told()
    would = world.erase(write=False)
    unchanged = world.told()
    did = world.erase()

    assert before == unchanged
    assert (would.erased, would.days) == (did.erased, did.days)


def test_a_second_run_finds_nothing(world: World) -> None:
    """What is erased is not erased again: no write, and an empty receipt."""
    world.erase()
    rows, members = dict(world.store.accounts), dict(world.store.people)
    receipt = world.erase()

    assert {} == {name: number for name, number in receipt.erased.items() if number}
    assert (rows, members) == (world.store.accounts, world.store.people)


def test_an_account_is_erased_and_its_people_stay(world: World) -> None:
    """Its counters, leads and events go; who they are is theirs, and where they belong is forgotten."""
    world.erase(Whom(accounts=frozenset({"a:acme"})))

    assert b"" == world.store.accounts["a:acme"].state
    assert "a:acme" not in {key.subject for key in world.store.leads}
    assert (None, "Ada Lovelace") == (world.store.people["u:ada"].account, world.store.people["u:ada"].name)
    assert {("row", "a:acme"): NOW // 1_000 + 45 * 86_400} == world.store.ends
    assert {"u:ada", "n:phone"} == {line[0] for held in world.archive.batches.values() for line in held}
    assert 0 == world.count(*STORY, *DEVICES).counts["EventsCounted"]


def test_an_id_that_is_a_word_is_no_reason_to_change_others() -> None:
    """Of a user called `demo`, leads of others that say so keep their words; a full name goes everywhere."""
    demo = Whom(frozenset({"u:demo"}), words=frozenset({"demo", "Dee Mo"}))
    others = northwind(title="A demo for Dee Mo", traits={"stage": "demo"})
    own = northwind(title="A demo", people=[Person("demo", 1, START)])

    assert ("A demo for [erased]", {"stage": "demo"}) == (
        scrubbed(others, demo).title,
        scrubbed(others, demo).traits,
    )
    assert ("A [erased]", []) == (scrubbed(own, demo).title, scrubbed(own, demo).people)


def test_whose_leads_are_also_those_of_an_account_is_forgotten(world: World) -> None:
    """On either side: who is erased is named by no account, and an account that is erased names nobody."""
    world.store.folded["a:acme"] = {"u:ada", "u:bob"}
    would = world.erase(write=False)
    before = {into: {*origins} for into, origins in world.store.folded.items()}
    receipt = world.erase()

    assert (1, {"a:acme": {"u:ada", "u:bob"}}) == (would.erased["origins"], before)
    assert (1, {"a:acme": {"u:bob"}}) == (receipt.erased["origins"], world.store.folded)


def test_rows_that_cannot_be_read_are_told_and_hold_up_nothing(world: World) -> None:
    """Of other accounts, by ids or by counters: whoever is erased may be in them."""
    acme = world.store.accounts["a:acme"]
    world.store.accounts["a:newer"] = Row("a:newer", 1, newer=True)
    world.store.accounts["a:broken"] = Row("a:broken", 1, acme.state[:-3])
    user, account = world.erase(), world.erase(Whom(accounts=frozenset({"a:acme"})))

    assert [
        "a:newer: written by a newer deployment, or damaged: the ids of a:newer cannot be read",
        "a:broken: no account state: DecodeError",
    ] == user.unread
    assert 1 == user.erased["mentions in counters"]
    assert [] == account.unread


def test_leads_that_cannot_be_read_are_told(world: World) -> None:
    """Any of them may tell of a person; of another account it matters to no account."""

    class Damaged(MemoryHoldings):
        def everything(self) -> Iterator[Held]:
            yield Held("lead", "a:broken")
            yield from super().everything()

    holdings = Damaged(world.store)
    broken, acme = (Whom(accounts=frozenset({one})) for one in ("a:broken", "a:acme"))
    receipts = [world.erase(whom, holdings) for whom in (ADA, broken, acme)]

    told = "a lead of a:broken that cannot be read"
    assert [[told], [told], []] == [receipt.unread for receipt in receipts]
