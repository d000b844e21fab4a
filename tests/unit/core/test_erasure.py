"""Whom to erase: which words are theirs alone, and whom long ids mean."""

from __future__ import annotations

import pytest

from fakes.leads import northwind
from pql.core.announcement import announcement
from pql.core.erased_words import ERASED
from pql.core.erasure import ID_SHOWN, Whom, placeless, scrubbed
from pql.core.keys import user_key
from pql.core.lead import Operand, Person
from pql.core.member import Member
from pql.engine.account import PERSON_ID_LIMIT


@pytest.mark.parametrize(
    ("word", "certain"),
    [
        ("a@b", True),
        ("Ada Lovelace", True),
        ("user-123", True),
        ("user-12", False),
        ("somebody", False),
        (" admin ", False),
    ],
)
def test_a_word_is_certain_that_nobody_else_would_use(word: str, *, certain: bool) -> None:
    """An address, two words, an id of eight characters with a digit; not what a plan may be called."""
    assert certain is (word in Whom(words=frozenset({word})).certain)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("anna", f"{ERASED} and annabel"),
        ("abel", "Anna and annabel"),
        ("and", "Anna and annabel"),
        ("anna and", f"{ERASED} annabel"),
    ],
)
def test_a_text_loses_whole_words_of_four_letters_and_more(word: str, told: str) -> None:
    """In whatever case; a shorter one stands in too many others."""
    whom = Whom(keys=frozenset({"u:ada"}), words=frozenset({word}))
    lead = northwind(reason="Anna and annabel", people=[Person("ada", 1, 0)])

    assert told == scrubbed(lead, whom).reason


LONG = "x" * 70
# Of nine bytes a letter in a key, which is a hash from the twenty-third on.
HASHED = "日本" * 20


@pytest.mark.parametrize(
    ("named", "shown", "known"),
    [
        ("ada", "ada", True),
        ("ada", "ad", False),
        (LONG, LONG, True),
        (LONG, LONG[:64], True),
        (LONG, LONG[:63], False),
        (LONG, LONG[:65], False),
        (LONG, LONG[:59] + "…", True),
        (LONG, LONG[:58] + "…", False),
        (LONG, "y" * 64, False),
        (HASHED, HASHED, True),
        (HASHED * 3, HASHED * 3, True),
        (HASHED * 3, (HASHED * 3)[:64], True),
        (HASHED, HASHED[:-1], False),
    ],
    ids=lambda one: f"{ascii(one)[1:3]}{len(one)}" if isinstance(one, str) else None,
)
def test_a_long_id_is_known_by_what_is_shown_of_it(named: str, shown: str, *, known: bool) -> None:
    """Leads show 64 letters of an id, messages less; who is named to be erased is named in full."""
    whom = Whom(keys=frozenset({user_key(named)}), words=frozenset({named}))
    lead = northwind(people=[Person(shown, 1, 0)])

    assert known is whom.knows(shown)
    assert known is (scrubbed(lead, whom) != lead)


@pytest.mark.parametrize(
    ("named", "shown"), [(LONG[:59], LONG[:59] + "…"), (LONG[:60], LONG[:59] + "…"), (LONG[:64], LONG)]
)
def test_whose_id_is_not_too_long_to_be_shown_is_not_shown_in_part(named: str, shown: str) -> None:
    """What is shown in part is somebody else's, who has a longer one."""
    whom = Whom(keys=frozenset({user_key(named)}), words=frozenset({named}))

    assert not whom.knows(shown)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to lee@acme.co.", f"Write to {ERASED}."),
        ("<LEE@acme.co>, mailto:lee@acme.co", f"<{ERASED}>, mailto:{ERASED}"),
        ("bruce.lee@acme.co", "bruce.lee@acme.co"),
        ("ann-lee@acme.co", "ann-lee@acme.co"),
        ("+lee@acme.co", "+lee@acme.co"),
        ("lee@acme.co.uk", "lee@acme.co.uk"),
        ("lee@acme.co-op.example", "lee@acme.co-op.example"),
    ],
)
def test_an_address_is_not_taken_out_of_anothers(text: str, left: str) -> None:
    """It may be its end or its beginning."""
    whom = Whom(keys=frozenset({"u:lee"}), words=frozenset({"lee@acme.co"}))

    assert left == scrubbed(northwind(reason=text), whom).reason


def test_what_a_visitor_was_called_on_a_device_that_had_been_anothers_is_no_word_of_theirs() -> None:
    """It may have been that other's name: they stay, and so does whatever tells of them."""
    whom = Whom(keys=frozenset({"u:ada"}), words=frozenset({"ada"}))
    device = Member(user="ada", email="bob@acme.example", former=("u:bob",))
    mine = Member(user="ada", email="ada@acme.example", former=("a:acme", "u:ada"))
    words = whom.knowing({"n:desk": device, "n:phone": mine}).words

    assert {"ada", "ada@acme.example", "desk", "phone"} == words


def test_a_device_that_is_erased_itself_is_known_by_its_name_in_the_next_run_too() -> None:
    """By then it belongs nowhere, and names whose it was."""
    whom = Whom(keys=frozenset({"n:phone"}), words=frozenset({"phone"}))
    members = {"n:phone": Member(user="ada", name="Ada Byron")}
    left = {"n:phone": placeless("n:phone", members, 1)}

    assert ("u:ada",) == left["n:phone"].former[:1]
    assert "Ada Byron" in whom.knowing(members).words & whom.knowing(left).words


def test_leads_show_as_much_of_an_id_as_accounts_keep() -> None:
    """By that a person among them is known."""
    assert PERSON_ID_LIMIT == ID_SHOWN


def test_a_device_whose_key_is_a_hash_is_known_by_its_id() -> None:
    """Nobody has named it: it is found as what has become somebody, by its key alone."""
    key = user_key(HASHED).replace("u:", "n:")

    assert [True, False] == [Whom(keys=frozenset({key})).knows(one) for one in (HASHED, HASHED[1:])]


def test_a_lead_loses_the_name_that_it_knows_them_by() -> None:
    """They may be called otherwise by now."""
    whom = Whom(keys=frozenset({"u:ada"}), words=frozenset({"ada", "Ada King"}))
    ada = Person("ada", 1, 0, name="Ada Byron", email="byron@acme.example")
    lead = northwind(title="Talk to Ada Byron", reason="or byron@acme.example", people=[ada])
    left = scrubbed(lead, whom)

    assert (f"Talk to {ERASED}", f"or {ERASED}") == (left.title, left.reason)
    assert left == scrubbed(left, whom)


def test_a_trait_may_be_an_id_that_is_a_number() -> None:
    """A long one; a short one may be how many of something there are, whoever is among the people."""
    told = []
    for one in ("12345678", "240"):
        whom = Whom(keys=frozenset({user_key(one)}), words=frozenset({one}))
        lead = northwind(
            traits={"owner": 12_345_678, "employees": 240, "on": True}, people=[Person(one, 1, 0)]
        )
        told.append([*scrubbed(lead, whom).traits])

    assert [["employees", "on"], ["owner", "employees", "on"]] == told


def test_an_account_of_the_same_id_keeps_its_name() -> None:
    """But for what cannot be anything else than a person's, such as an address."""
    told = []
    for one in ("northwind", "ada@northwind.example"):
        whom = Whom(keys=frozenset({user_key(one)}), words=frozenset({one}))
        lead = northwind(account_id=one, title=f"{one} is busy", people=[Person(one, 1, 0)])
        told.append(scrubbed(lead, whom).title)

    assert ["northwind is busy", f"{ERASED} is busy"] == told


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Ask Ada Lovelace"},
        {"reason": "Ask Ada Lovelace"},
        {"card": ["Ask Ada Lovelace"]},
        {"runbook": "https://crm.example/?of=Ada Lovelace"},
        {"traits": {"owner": "ada lovelace"}},
        {"evidence": [Operand("newest", "Ada Lovelace", "is", "x", met=True)]},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_lead_and_its_message_tell_of_whoever_is_named_in_a_text(changed: dict[str, object]) -> None:
    """Though they are not among its people; what is left tells of them no more."""
    whom = Whom(keys=frozenset({"u:ada"}), words=frozenset({"Ada Lovelace"}))
    lead = northwind(**changed)
    left = scrubbed(lead, whom)
    messages = [announcement(one, lead.key) for one in (lead, left)]

    assert [True, False] == [whom.tells(message) for message in messages]
    assert left == scrubbed(left, whom)
