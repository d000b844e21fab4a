"""Erasing: messages that wait lose the person, and keep what is of others."""

from __future__ import annotations

import msgspec
import pytest

from fakes.erasing import ADA, NOW, World
from fakes.events import START, event
from fakes.memory_holdings import MemoryHoldings
from fakes.memory_mailbox import MemoryMailbox
from pql.core.announcement import announcement
from pql.core.envelope import decode, encode
from pql.core.erasure import Whom
from pql.core.errors import Unavailable
from pql.core.keys import LeadKey
from pql.core.lead import Lead, LeadRecord
from pql.core.lead_message import decode as decode_lead
from pql.core.lead_message import encoded
from pql.core.lead_reference import reference
from pql.flows.channels import Waiting
from pql.flows.erase import Erasure
from pql.flows.holdings import Receipt
from pql.flows.mailbox import Letter


def test_deliveries_that_wait_are_crossed_out(world: World) -> None:
    """A lead that is gone is not told."""
    world.backlog.add("slack", Waiting(START, LeadKey("p:ada", "keen", 1), "is_archived", parked=True))
    world.backlog.add("slack", Waiting(START, LeadKey("a:acme", "busy", 1), "is_archived", parked=True))
    world.erase(write=False)
    looked = len(world.backlog.every())
    world.erase()

    assert (2, ["a:acme"]) == (looked, [one.key.subject for _, one in world.backlog.every()])


def test_dead_letters_lose_the_events_of_a_person(world: World) -> None:
    """The other events of a message stay, a message of theirs alone goes, one nobody reads is told of."""
    mailbox = MemoryMailbox()
    bob = event("left", user="bob")
    mailbox.put(
        encode([event("gone"), bob]), encode([event("too")]), "{broken", "{broken by ada@acme.example"
    )
    holdings = MemoryHoldings(world.store)
    erasure = Erasure(holdings, ADA, NOW, 45, write=True, pause=lambda _: None)
    receipt, whom = erasure.table(world.backlog)
    erasure.events(mailbox, "letters", whom, receipt)

    assert [["left"], "{broken"] == [
        body if body.startswith("{b") else ["left" for one in decode(body) if one.id == bob.id]
        for body in sorted(mailbox.bodies(), key=lambda body: body.startswith("{b"))
    ]
    assert (3, 1) == (receipt.erased["letters"], len(receipt.unread))
    assert (2, 0, 0) == mailbox.depth()


def test_a_crash_leaves_what_others_did_rather_twice_than_never(world: World) -> None:
    """What is left of a message is sent before the message is deleted."""

    class Broken(MemoryMailbox):
        def send(self, letter: Letter) -> None:
            if letter.id:
                raise Unavailable("gone")
            super().send(letter)

    mailbox = Broken()
    mailbox.put(encode([event("gone"), event("left", user="bob")]))
    erasure = Erasure(MemoryHoldings(world.store), ADA, NOW, 45, write=True, pause=lambda _: None)
    with pytest.raises(Unavailable):
        erasure.events(mailbox, "letters", ADA, Receipt(NOW, 0))

    assert 1 == len(mailbox.bodies())


def test_dead_letters_about_leads_lose_the_person(world: World) -> None:
    """One of an account is told without them, one of theirs not at all."""
    mailbox = MemoryMailbox()
    for key, record in sorted(world.store.leads.items()):
        mailbox.put(encoded(announcement(record.lead, key)).decode())
    erasure = Erasure(MemoryHoldings(world.store), ADA, NOW, 45, write=True, pause=lambda _: None)
    receipt, whom = erasure.table(world.backlog)
    erasure.leads(mailbox, "letters", whom, receipt)

    (message,) = map(decode_lead, mailbox.bodies())
    assert ("a:acme", []) == (message.subject_key, [one.id for one in message.people if one.id == "ada"])


def test_a_letter_that_nobody_can_read_is_not_theirs_by_an_ordinary_word(world: World) -> None:
    """Somebody's id is `user`, which all events have; what others did may be in it, and it is told of."""
    mailbox = MemoryMailbox()
    broken = encode([event("left", user="bob")])[:-2]
    mailbox.put(broken)
    whom = Whom(keys=frozenset({"u:user"}), words=frozenset({"user"}))
    receipt = Receipt(NOW, 0)
    erasure = Erasure(MemoryHoldings(world.store), whom, NOW, 45, write=True, pause=lambda _: None)
    erasure.events(mailbox, "letters", whom, receipt)

    assert ([broken], 0, 1) == (mailbox.bodies(), receipt.erased["letters"], len(receipt.unread))


@pytest.mark.parametrize(
    "word", ["@", "17356896", "lee@acme.example", "is a"], ids=["sign", "digits", "address", "words"]
)
def test_a_letter_that_nobody_can_read_is_not_theirs_by_a_part_of_a_word(word: str) -> None:
    """A moment begins with the digits of an id, and an address ends with another: both are Bob's."""
    mailbox = MemoryMailbox()
    said = {"email": "bruce.lee@acme.example", "note": "this is about"}
    broken = encode([event("left", user="bob", properties=said)])[:-2]
    mailbox.put(broken)
    whom = Whom(keys=frozenset({"u:ada"}), words=frozenset({word}))
    erasure = Erasure(MemoryHoldings(World([]).store), whom, NOW, 45, write=True, pause=lambda _: None)
    erasure.events(mailbox, "letters", whom, Receipt(NOW, 0))

    assert [broken] == mailbox.bodies()


def test_dead_letters_that_name_a_person_in_a_text_lose_the_name(world: World) -> None:
    """The person is not among those of the message: who is in it was cut, or they never were."""
    mailbox = MemoryMailbox()
    (key,) = (one for one in world.store.leads if one.subject == "a:acme")
    record = world.store.leads[key]
    named = msgspec.structs.replace(record.lead, people=[], title="Ask Ada Lovelace")
    world.store.leads[key] = msgspec.structs.replace(record, lead=named)
    mailbox.put(encoded(announcement(named, key)).decode())
    erasure = Erasure(MemoryHoldings(world.store), ADA, NOW, 45, write=True, pause=lambda _: None)
    receipt, whom = erasure.table(world.backlog)
    erasure.leads(mailbox, "letters", whom, receipt)

    assert (["Ask [erased]"], 1) == (
        [decode_lead(one).title for one in mailbox.bodies()],
        receipt.erased["letters"],
    )


@pytest.mark.parametrize("write", [False, True])
def test_a_card_is_taken_back_while_its_lead_still_says_where_it_is(world: World, *, write: bool) -> None:
    """The receipt tells who had it, and who gave it back; who only looks takes nothing back."""
    key = LeadKey("p:ada", "keen", 1)
    told = msgspec.structs.replace(world.store.leads[key], sent={"slack": 5, "webhook": 6})
    world.store.leads[key] = told
    asked = []

    def withdraw(record: LeadRecord, after: Lead | None) -> list[str]:
        asked.append((record, world.store.leads[key], after))
        return ["slack"]

    erasure = Erasure(
        MemoryHoldings(world.store), ADA, NOW, 45, write=write, pause=lambda _: None, withdraw=withdraw
    )
    receipt, _ = erasure.table(world.backlog)

    assert [(told, told, None)] * write == asked
    assert [
        {
            "lead": reference(key),
            "lead_id": told.lead.id,
            "channels": ["slack", "webhook"],
            "withdrawn": ["slack"] * write,
        }
    ] == receipt.told
