"""Attribution: what a device did counts for whoever signs in on it, and for nobody after them."""

from __future__ import annotations

from collections.abc import Sequence

from fakes.attributing import loose, reports, run
from fakes.events import event, group, identify
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Move
from pql.core.errors import Conflict
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.core.member import Member


def test_one_fact_makes_one_lead_however_it_is_cut() -> None:
    """Who qualified as a visitor is not told of again as a user, nor as the account."""
    told = [loose(i, user=None, anonymous="x") for i in range(3)]
    told += [identify("i", at=1, anonymous="x"), group("g", at=2)]
    ends = []
    for cut in range(len(told) + 1):
        store = MemoryStore()
        run(store, *told[:cut])
        run(store, *told[cut:])
        ends.append([*store.leads])
    alone = [LeadKey("a:acme", "busy", 1)]

    assert [alone, alone, alone, [LeadKey("n:x", "busy", 1)], [LeadKey("u:ada", "busy", 1)], alone] == ends


def test_an_anonymous_visitor_becomes_a_user_and_then_part_of_an_account() -> None:
    """What was done before signing in counts first for the user, then for the account."""
    store = MemoryStore()
    run(store, loose(1, user=None, anonymous="x"))
    run(store, identify("i", anonymous="x", at=1))
    between = reports(store)
    run(store, group("g", at=2))
    copies = run(store, loose(1, user=None, anonymous="x"))

    assert ({"u:ada": 1}, {"a:acme": 1}) == (between, reports(store))
    assert 1 == copies.counts["EventsRepeated"]


def test_a_device_that_changes_hands_takes_nothing_along() -> None:
    """What its former user did on it stays with that user."""
    store = MemoryStore()
    run(store, identify("i", "ada", anonymous="x"), loose(1, user=None, anonymous="x"))
    run(store, identify("j", "bob", anonymous="x", at=1))
    run(store, loose(1, user=None, anonymous="x"), loose(2, user=None, anonymous="x"))

    assert {"u:ada": 1, "u:bob": 1} == reports(store)


def test_a_user_inherits_the_account_of_the_device_they_signed_in_on() -> None:
    """A group call may come before anybody is known; later ones of the device speak of the user."""
    store = MemoryStore()
    device = {"user": None, "anonymous": "x"}
    run(store, event("g", kind="group", account="acme", **device), loose(1, **device))
    run(store, identify("i", anonymous="x", at=1), loose(2))
    inherited = store.people["u:ada"].account
    run(store, event("h", kind="group", at=2, account="globex", **device), loose(3))

    assert ("acme", "globex") == (inherited, store.people["u:ada"].account)
    assert {"a:acme": 2, "a:globex": 1} == reports(store)


def test_what_a_device_says_beside_the_call_that_names_its_user_is_said_of_the_user() -> None:
    """In one batch, where nobody has read yet whose device it is."""
    store = MemoryStore()
    device = {"user": None, "anonymous": "x"}
    joins = event("g", kind="group", account="acme", at=1, **device)
    run(store, identify("i", anonymous="x"), joins, loose(1, at=2))

    assert ("acme", {"a:acme": 1}) == (store.people["u:ada"].account, reports(store))


def test_who_signs_in_and_joins_at_one_stroke_goes_straight_to_the_account() -> None:
    """Users are written before their devices, so nothing is folded twice."""
    store = MemoryStore()
    run(store, loose(1, user=None, anonymous="x"))
    run(store, identify("i", anonymous="x", at=1), group("g", at=2))

    assert ("a:acme", {"a:acme": 1}) == (store.accounts["n:x"].moved, reports(store))


def test_a_name_told_by_a_device_gives_way_to_the_one_its_user_tells_next() -> None:
    """In one batch as in two, though the user had been called so before."""
    names = [("ada", 1, "Ada"), (None, 2, "A Visitor"), ("ada", 3, "Ada")]
    calls = [identify(at, user, anonymous="x", at=at, name=name) for user, at, name in names]
    found = []
    for cut in (1, 2):
        store = MemoryStore()
        for batch in (calls[:cut], calls[cut:]):
            run(store, *batch)
        found.append(store.people["u:ada"].name)

    assert ["Ada", "Ada"] == found


def test_what_a_device_tells_of_its_user_is_told_again_where_it_cannot_be_learned() -> None:
    """The call names the device alone, and the member that others keep winning is the user."""

    class Contended(MemoryStore):
        def move(self, move: Move, leads: Sequence[Lead]) -> None:
            raise Conflict("somebody else")

    store = Contended()
    store.people["n:x"] = Member(1, user="ada")
    outcome = run(store, event("g", kind="group", account="acme", user=None, anonymous="x"))

    assert (["m"], {"conflict"}) == (outcome.failed, {fault.code for _, fault in outcome.faults})


def test_a_device_does_not_change_hands_on_stale_knowledge_of_its_former_user() -> None:
    """What its user did elsewhere a moment ago is looked up as well."""

    class Overtaken(MemoryStore):
        overtaken = False

        def move(self, move: Move, leads: Sequence[Lead]) -> None:
            if move.key == "n:x" and not self.overtaken:
                self.overtaken = True
                run(self, group("h", "new", at=1))
            super().move(move, leads)

    store = Overtaken()
    run(store, group("g", "old"))
    store.teach("n:x", Member(user="ada"))
    run(store, identify("i", "bob", anonymous="x", at=1))

    assert ("bob", ("a:new", "a:old", "u:ada")) == (store.people["n:x"].user, store.people["n:x"].former)
