"""Devices: what calls on them say of the user who has them."""

from __future__ import annotations

from fakes.events import START, event, identify
from pql.core.device import told_of_user
from pql.core.event import Event
from pql.core.member import Member

MINE = Member(user="ada", user_at=START + 5)
SHARED = Member(user="ada", user_at=START + 5, former=("a:globex", "u:bob"))


def joins(at: int) -> Event:
    """Return a group call of the device."""
    return event(at, "", kind="group", account="acme", user=None, anonymous="x", at=at)


def account(user: Member, device: Member, call: Event) -> str | None:
    """Return the user's account once a call on their device is known."""
    return told_of_user(user, device, call).account


def test_a_call_speaks_of_the_user_once_the_device_is_theirs() -> None:
    """Not at the same moment yet: the other call may have come before it or after."""
    settled = Member(account="zeta", account_at=START)

    assert ["zeta", "zeta", "acme"] == [account(settled, SHARED, joins(at)) for at in (4, 5, 6)]
    assert ["zeta", "zeta", "acme"] == [account(settled, MINE, joins(at)) for at in (4, 5, 6)]


def test_a_user_without_an_account_takes_that_of_an_older_call_on_a_device_that_was_nobodys() -> None:
    """Where it was somebody's, the call may have spoken of them."""
    assert ["acme", None] == [account(Member(), device, joins(4)) for device in (MINE, SHARED)]


def test_what_a_visitor_is_called_is_not_what_the_user_is_called() -> None:
    """Unless they are told so when the device is theirs."""
    calls = [identify(at, None, anonymous="x", at=at, name="Ada") for at in (5, 6)]

    assert [None, "Ada"] == [told_of_user(Member(), MINE, one).name for one in calls]


def test_a_call_that_names_its_user_says_of_whoever_has_the_device_what_the_device_knew() -> None:
    """It tells of its own user, and they may not have the device any more."""
    device = Member(account="acme", account_at=START, user="ada", user_at=START + 5)
    call = event(1, "", kind="group", account="zeta", user="bob", anonymous="x", at=9)

    assert "acme" == account(Member(), device, call)
    assert "globex" == account(Member(account="globex"), device, call)
