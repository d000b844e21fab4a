"""An account that cannot be read or written is left, and the introduction of rules goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest

from fakes.events import DAY, START
from fakes.introducing import NEW, introduce, leads_of, peopled
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Row
from pql.core.errors import Poison, Unwritable
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.flows.introduce import Introducer
from pql.flows.survey import Match, Survey

NOW = START + 5 * DAY


class Refusing(MemoryStore):
    """A table that an account with a lead would be too large for."""

    def commit(self, change: Change, leads: Sequence[Lead]) -> None:
        """Write, or refuse."""
        if leads and change.row.subject == "a:five":
            raise Unwritable("too large")
        super().commit(change, leads)


def unread(store: MemoryStore, subject: str) -> Row:
    """Return a row of which not even the ids can be read."""
    return Row(subject, newer=True, wake=store.accounts[subject].wake)


def damaged(store: MemoryStore, subject: str) -> Row:
    """Return a row that holds no counters."""
    return msgspec.structs.replace(store.accounts[subject], state=b"damaged")


@pytest.mark.parametrize("spoilt", [damaged, unread])
@pytest.mark.parametrize(
    ("announce", "left", "leads"),
    [(0, {"a:six"}, set()), (2, {"a:six", "a:five"}, {"two", "long ago"})],
    ids=["look", "announce"],
)
def test_an_account_that_cannot_be_read_or_written_holds_up_no_other(
    spoilt: Callable[[MemoryStore, str], Row], announce: int, left: set[str], leads: set[str]
) -> None:
    """It is left and named, and its place among the few goes to the next."""
    store = Refusing()
    vars(store).update(vars(peopled()))
    row = store.accounts["a:six"] = spoilt(store, "a:six")
    surveys, _ = introduce(store, announce=announce)

    assert {"a:five", "a:two", "a:long%20ago"} == {one.subject for one in surveys["keen"].ranked}
    assert left == surveys["keen"].left.keys()
    assert leads == {account for account, rule in leads_of(store) if rule == "keen"}
    assert row is store.accounts["a:six"]


NEWER = "written by a newer deployment, or damaged: the ids of a:six cannot be read"


def test_of_a_row_that_nobody_can_read_both_is_said_that_it_may_be() -> None:
    """Whoever reads it must not repair what a newer deployment wrote, nor wait for one that is not there."""
    store = peopled()
    store.accounts["a:six"] = unread(store, "a:six")
    surveys, tally = introduce(store, apply=True)

    assert [{"a:six": NEWER}] * 2 == [surveys[rule].left for rule in ("keen", "quiet")]
    assert len(store.accounts) - 1 == tally.accounts


def test_a_table_that_nobody_can_read_is_left_as_it_is() -> None:
    """Each row is named, and nothing is written."""
    store = peopled()
    store.accounts = {subject: unread(store, subject) for subject in store.accounts}
    before, writes = {**store.accounts}, store.writes
    surveys, tally = introduce(store, announce=2)

    assert before.keys() == surveys["keen"].left.keys()
    assert (0, writes, before) == (tally.accounts, store.writes, store.accounts)


def test_an_account_that_becomes_unreadable_before_its_turn_gives_it_to_the_next() -> None:
    """What was ranked is read once more."""
    store = peopled()
    surveys, _ = introduce(store, apply=True)
    store.accounts["a:six"] = unread(store, "a:six")
    introducer = Introducer(store, MemoryLeads(store.leads), NEW, ["keen"], NOW, write=True)
    introducer.announce("keen", surveys["keen"], 1)

    assert {"a:six": NEWER} == surveys["keen"].left
    assert {"five"} == {account for account, rule in leads_of(store) if rule == "keen"}


@pytest.mark.parametrize("spoilt", [damaged, unread])
def test_a_lead_that_was_made_counts_though_its_account_cannot_be_read_any_more(
    spoilt: Callable[[MemoryStore, str], Row],
) -> None:
    """There are no more leads than were asked for."""
    store = peopled()
    introduce(store, announce=2)
    store.accounts["a:six"] = spoilt(store, "a:six")
    introduce(store, announce=2)

    assert {"six", "five"} == {account for account, rule in leads_of(store) if rule == "keen"}


class Damaged(MemoryLeads):
    """Leads of which one is none."""

    def lead(self, key: LeadKey) -> LeadRecord | None:
        """Return a lead, or say that nobody can read it."""
        if key.subject == "a:six":
            raise Poison("no lead")
        return super().lead(key)


def test_a_lead_that_cannot_be_read_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its account is left and named; it may have been introduced, and so no other takes its place."""
    store = peopled()
    introduce(store, announce=2)
    monkeypatch.setattr("fakes.introducing.MemoryLeads", Damaged)
    surveys, _ = introduce(store, announce=2)
    ranked = Survey(ranked=[Match(subject, None, 0) for subject in ("a:six", "a:five")])
    Introducer(store, Damaged(store.leads), NEW, ["keen"], NOW, write=True).announce("keen", ranked, 5)

    assert [{"a:six": "no lead"}] * 2 == [surveys["keen"].left, ranked.left]
    assert "was_lead" == ranked.ranked[1].outcome
    assert {"six", "five"} == {account for account, rule in leads_of(store) if rule == "keen"}
