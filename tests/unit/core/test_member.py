"""Members: where users belong, learned from group and identify calls."""

from __future__ import annotations

from fakes.events import DAY, HOUR, event, group, identify
from pql.core.keys import anonymous_key, user_key
from pql.core.member import FORMER_KEPT, TEXT_LIMIT, Member, basis, other_subjects, subject_of, teaches

ADA = user_key("ada")


def told(member: Member, *events: object, anonymous: bool = False) -> Member:
    """Return the member after some calls."""
    for one in events:
        member = member.taught(one, anonymous=anonymous)  # type: ignore[arg-type]
    return member


def test_a_group_call_teaches_the_account_of_its_user() -> None:
    """Later events of the user without an account are counted for that account."""
    members = {ADA: told(Member(), group(1, "acme"))}

    assert "a:acme" == subject_of(event(2, account=None), members)


def test_an_identify_call_that_names_an_account_teaches_it_as_well() -> None:
    """A track call that names one does not: its user may just be looking in."""
    members = {ADA: told(Member(), identify(1, account="acme"))}

    assert "a:acme" == subject_of(event(2, account=None), members)
    assert [True, True, False] == [teaches(one) for one in (group(1), identify(2), event(3))]


def test_an_event_that_names_its_account_is_counted_there() -> None:
    """A user of several workspaces counts where the event says."""
    members = {ADA: told(Member(), group(1, "acme"))}

    assert "a:globex" == subject_of(event(2, account="globex"), members)


def test_a_user_without_an_account_is_a_subject_of_its_own() -> None:
    """Nothing is lost while the account is unknown."""
    assert ["u:ada", "n:x%3A1"] == [
        subject_of(event(1, account=None), {}),
        subject_of(event(2, account=None, user=None, anonymous="x:1"), {}),
    ]


def test_the_newest_teaching_wins_whatever_the_order() -> None:
    """By the time of the calls, not by their arrival."""
    calls = [group(1, "old", at=0), group(2, "new", at=DAY)]

    assert ["new", "new"] == [told(Member(), *order).account for order in (calls, calls[::-1])]


def test_a_repeated_group_call_changes_nothing_within_the_hour() -> None:
    """Browsers repeat the call on every page; nothing is written for it."""
    member = told(Member(), group(1, at=0))

    assert [False, True] == [member.is_news(told(member, group(2, at=at))) for at in (HOUR - 1, HOUR)]


def test_every_later_group_call_of_somebody_in_two_accounts_is_news() -> None:
    """They go back and forth: a call that was not noted would lose to an older one."""
    member = told(Member(), group(1, at=0)).leaving(["a:globex"])

    assert member.is_news(told(member, group(2, at=1)))
    assert "acme" == told(member, group(2, at=2), group(3, "globex", at=1)).account


def test_an_anonymous_id_leads_to_the_account_of_the_user_it_became() -> None:
    """What somebody does before signing in again counts for their account."""
    call = identify(1, anonymous="x")
    members = {
        ADA: told(Member(), group(2, "acme"), call),
        anonymous_key("x"): told(Member(), call, anonymous=True),
    }

    assert "a:acme" == subject_of(event(3, account=None, user=None, anonymous="x"), members)


def test_the_anonymous_id_of_a_user_does_not_decide() -> None:
    """One member alone decides where a user is counted, so that one alone has to be left."""
    members = {anonymous_key("x"): Member(account="acme")}

    assert "u:ada" == subject_of(event(1, account=None, anonymous="x"), members)


def test_a_user_without_an_account_is_heir_to_that_of_their_device() -> None:
    """As of the time it was taught; an account of their own stays."""
    device = Member(account="acme", account_at=5)
    settled = Member(account="globex")

    assert ("acme", 5) == (Member().heir(device).account, Member().heir(device).account_at)
    assert settled is settled.heir(device)


def test_a_copy_is_looked_for_wherever_its_user_has_been_counted() -> None:
    """The own subject and former accounts, but not the one the event is counted under now."""
    member = Member(account="three").leaving(["a:one"]).leaving(["a:two"])

    assert ["a:two", "a:one", "u:ada"] == other_subjects(event(4, account=None), {ADA: member})
    assert [] == other_subjects(event(5, account="acme"), {ADA: member})


def test_the_places_left_last_are_remembered() -> None:
    """Eight of them, each once; to leave one again makes it the last."""
    member = Member()
    for place in (*range(FORMER_KEPT + 1), 5):
        member = member.leaving([f"a:{place}"])

    assert ("a:5", "a:8", "a:7", "a:6", "a:4", "a:3", "a:2", "a:1") == member.former


def test_a_copy_of_a_device_is_looked_for_with_its_user_too() -> None:
    """Where either has been counted, and under the anonymous id itself."""
    members = {ADA: Member(account="acme", former=("a:old",)), anonymous_key("x"): Member(user="ada")}
    found = other_subjects(event(1, account=None, user=None, anonymous="x"), members)

    assert ["a:old", "u:ada", "n:x"] == found


def test_an_event_rests_on_the_members_that_place_it() -> None:
    """On none if it names its account, else on its actor and the user that one has become."""
    members = {ADA: Member(3), anonymous_key("x"): Member(2, user="ada")}
    device = {"user": None, "anonymous": "x"}

    assert [{}, {"n:x": 2, "u:ada": 3}, {"u:ada": 3}, {"u:bob": 0}] == [
        basis(event(1, **device), members),
        basis(event(2, account=None, **device), members),
        basis(event(3, account=None, anonymous="x"), members),
        basis(event(4, account=None, user="bob"), members),
    ]


def test_the_newest_user_of_a_device_wins_whatever_the_order() -> None:
    """An old identify call that comes again does not give it back."""
    calls = [identify(1, "ada", anonymous="x"), identify(2, "bob", anonymous="x", at=1)]

    assert ["bob", "bob"] == [told(Member(), *order, anonymous=True).user for order in (calls, calls[::-1])]


def test_an_identify_call_teaches_who_somebody_is() -> None:
    """Name and e-mail for the card, from whatever traits carry them."""
    member = told(Member(), identify(1, firstName="Ada", lastName="Lovelace", email="ada@acme.test"))

    assert ("Ada Lovelace", "ada@acme.test") == (member.name, member.email)


def test_an_identify_call_of_nobody_yet_teaches_who_the_visitor_is() -> None:
    """Somebody who left an address and has no user; a call about a user says nothing of the device."""
    calls = [
        identify(1, None, anonymous="x", email="ada@acme.test"),
        identify(2, "bob", anonymous="x", email="b@b"),
    ]
    member = told(Member(), *calls, anonymous=True)

    assert ("ada@acme.test", "bob") == (member.email, member.user)


def test_an_older_profile_does_not_replace_a_newer_one() -> None:
    """Profiles follow the time of the calls."""
    member = told(Member(), identify(1, name="New", at=DAY), identify(2, name="Old", at=0))

    assert "New" == member.name


def test_a_profile_is_no_place_to_store_a_novel() -> None:
    """Name and address are cut: both are read with every event of somebody."""
    member = told(Member(), identify(1, name="n" * 999, email="e" * 999))

    assert ("n" * TEXT_LIMIT, "e" * TEXT_LIMIT) == (member.name, member.email)


def test_what_a_newer_call_does_not_say_is_kept() -> None:
    """An address is not lost with the next call of a browser; a whole name needs no last one behind it."""
    known = identify(1, name="Ada Lovelace", lastName="Lovelace", email="ada@acme.test")
    members = [
        told(Member(), known, later) for later in (identify(2, at=1), identify(3, at=1, name="Ada L."))
    ]

    assert [("Ada Lovelace", "ada@acme.test"), ("Ada L.", "ada@acme.test")] == [
        (one.name, one.email) for one in members
    ]
