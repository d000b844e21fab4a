"""An account that cannot be read or written is left, and the introduction of rules goes on."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from fakes.events import DAY, START
from fakes.introducing import NEW, introduce, leads_of, peopled
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change
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


@pytest.mark.parametrize(
    ("announce", "left", "leads"),
    [(0, {"a:six"}, set()), (2, {"a:six", "a:five"}, {"two", "long ago"})],
    ids=["look", "announce"],
)
def test_an_account_that_cannot_be_read_or_written_holds_up_no_other(
    announce: int, left: set[str], leads: set[str]
) -> None:
    """It is left and named, and its place among the few goes to the next."""
    store = Refusing()
    vars(store).update(vars(peopled()))
    store.accounts["a:six"] = msgspec.structs.replace(store.accounts["a:six"], state=b"damaged")
    surveys, _ = introduce(store, announce=announce)

    assert {"a:five", "a:two", "a:long%20ago"} == {one.subject for one in surveys["keen"].ranked}
    assert left == surveys["keen"].left.keys()
    assert leads == {account for account, rule in leads_of(store) if rule == "keen"}


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
